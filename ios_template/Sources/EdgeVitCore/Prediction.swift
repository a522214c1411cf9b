/// One class and how likely the model holds it to be.
public struct Prediction: Sendable, Hashable, Codable, Identifiable {
    /// Position of the class in the model's output and in `labels.txt`, from 0.
    public let index: Int

    /// Name of the class, exactly as it was given when the model was built.
    public let label: String

    /// Softmax probability, 0...1.
    public let probability: Double

    public var id: Int { index }

    public init(index: Int, label: String, probability: Double) {
        self.index = index
        self.label = label
        self.probability = probability
    }
}
