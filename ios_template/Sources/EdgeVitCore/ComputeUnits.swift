/// The processors that a model may use.
public enum ComputeUnits: String, Sendable, Hashable, Codable, CaseIterable {
    case all
    case cpuAndNeuralEngine = "cpu_and_neural_engine"
    case cpuAndGPU = "cpu_and_gpu"
    case cpuOnly = "cpu_only"

    /// What to try in order when this choice fails: each step gives up the processor that failed most likely.
    public var chain: [ComputeUnits] {
        switch self {
        case .all: [.all, .cpuAndGPU, .cpuOnly]
        case .cpuAndNeuralEngine: [.cpuAndNeuralEngine, .cpuOnly]
        case .cpuAndGPU: [.cpuAndGPU, .cpuOnly]
        case .cpuOnly: [.cpuOnly]
        }
    }
}

/// Which processors were asked for, which ones the model is loaded for, and why they differ if they do.
public struct Placement: Sendable, Hashable, Codable {
    /// A choice that did not work, and the system's reason.
    public struct Failure: Sendable, Hashable, Codable {
        public let units: ComputeUnits
        public let reason: String

        public init(units: ComputeUnits, reason: String) {
            self.units = units
            self.reason = reason
        }
    }

    public let asked: ComputeUnits

    /// Nil while no choice has worked.
    public private(set) var used: ComputeUnits?

    public private(set) var failures: [Failure] = []

    /// The choices that remain, best first; not part of a report.
    private var remaining: [ComputeUnits] = []

    enum CodingKeys: String, CodingKey {
        case asked, used, failures
    }

    /// - Parameters:
    ///   - asked: What to try first.
    ///   - fallback: Whether to go down its ``ComputeUnits/chain`` when it fails.
    public init(asked: ComputeUnits, fallback: Bool = true) {
        self.asked = asked
        remaining = fallback ? asked.chain : [asked]
    }

    /// The choice to try now; nil when all have failed.
    public var candidate: ComputeUnits? { remaining.first }

    /// Notes that the candidate works.
    public mutating func succeed() {
        used = candidate
    }

    /// Notes that the candidate does not work, and moves on to the next one.
    public mutating func fail(_ reason: String) {
        guard let failed = candidate else { return }
        failures.append(Failure(units: failed, reason: reason))
        remaining.removeFirst()
        used = nil
    }
}
