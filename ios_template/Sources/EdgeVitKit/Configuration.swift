import CoreML

extension EdgeVit {
    /// How to load the model.
    public struct Configuration: Sendable {
        /// The processors that Core ML may use.
        public var computeUnits: MLComputeUnits

        /// - Parameter computeUnits: Everything by default; `.cpuOnly` suits work in the background.
        public init(computeUnits: MLComputeUnits = .all) {
            self.computeUnits = computeUnits
        }
    }
}
