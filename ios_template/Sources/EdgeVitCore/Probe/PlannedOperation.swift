/// What the system plans for one operation of the model, before it has run.
public struct PlannedOperation: Sendable, Hashable, Codable {
    public enum Processor: String, Sendable, Hashable, Codable, CaseIterable {
        case cpu, gpu, other
        case neuralEngine = "neural_engine"
    }

    /// The operator, for example `ios16.conv`.
    public let name: String
    /// Where the system would rather run it.
    public let preferred: Processor
    /// Where it can run.
    public let supported: [Processor]
    /// Estimated share of the whole model's work, in millionths; nil where the system does not tell.
    public let cost: Int?

    enum CodingKeys: String, CodingKey {
        case name, preferred, supported
        case cost = "cost_ppm"
    }

    /// - Parameter share: Estimated share of the model's work, 0...1.
    public init(name: String, preferred: Processor, supported: [Processor], share: Double?) {
        self.name = name
        self.preferred = preferred
        self.supported = supported
        cost = share.flatMap { $0.isFinite ? Int((1_000_000 * $0).rounded()) : nil }
    }
}
