import CoreML
import EdgeVitCore

extension EdgeVit {
    /// How to load the model.
    public struct Configuration: Sendable {
        /// The processors that Core ML may use; `.cpuOnly` suits work in the background.
        public var computeUnits: ComputeUnits

        /// Whether to try fewer processors when the model does not load or run on these.
        public var allowsFallback: Bool

        /// Whether the system's memory pressure unloads the model; the next prediction loads it again.
        public var unloadsUnderMemoryPressure: Bool

        public init(
            computeUnits: ComputeUnits = .all, allowsFallback: Bool = true, unloadsUnderMemoryPressure: Bool = true
        ) {
            self.computeUnits = computeUnits
            self.allowsFallback = allowsFallback
            self.unloadsUnderMemoryPressure = unloadsUnderMemoryPressure
        }
    }
}

extension ComputeUnits {
    /// Core ML's name for this choice.
    ///
    /// - Throws: ``EdgeVitError/modelUnavailable(_:)`` where this system does not have it.
    func forCoreML() throws -> MLComputeUnits {
        switch self {
        case .all: return .all
        case .cpuAndGPU: return .cpuAndGPU
        case .cpuOnly: return .cpuOnly
        case .cpuAndNeuralEngine:
            guard #available(iOS 16, macOS 13, *) else {
                throw EdgeVitError.modelUnavailable("this choice of processors needs iOS 16")
            }
            return .cpuAndNeuralEngine
        }
    }
}
