/// What a self-test found on one photograph.
public struct SelfTestResult: Sendable, Hashable, Identifiable {
    public let photo: String

    /// Whether the network received exactly the pixels that it received when the package was built.
    public let samePixels: Bool

    /// What went wrong before the model, where it was recognised.
    public let mistake: ImageMistake?

    /// How the answers compare, one for each output; empty where an answer cannot be compared at all.
    public let agreements: [Agreement]

    /// Whether all answers are within the tolerance.
    public let sameAnswer: Bool

    public var id: String { photo }

    public var passed: Bool { samePixels && sameAnswer }

    /// Judges one photograph.
    ///
    /// - Parameters:
    ///   - golden: What PyTorch computed on it.
    ///   - photograph: The decoded photograph, upright.
    ///   - pixels: What was handed to the model.
    ///   - answers: What the model answered, one list of values for each output.
    ///   - info: The model's description.
    public init(
        golden: Golden.Photo, photograph: RGBImage, pixels: RGBImage, answers: [[Double]], info: ModelInfo
    ) {
        photo = golden.name
        samePixels = SHA256.hex(pixels.values) == golden.pixelsSHA256
        mistake = samePixels ? nil : ImageMistake.explaining(pixels, of: photograph, input: info.input)
        let found = zip(golden.outputs, answers).compactMap {
            Agreement(reference: $0.values, actual: Golden.sampled($1))
        }
        agreements = found
        let complete = found.count == golden.outputs.count && answers.count == golden.outputs.count
        let probabilities = info.output.head == .probabilities
        let tolerance = info.tolerance
        sameAnswer = complete && found.allSatisfy { tolerance.allows($0, probabilities: probabilities) }
    }
}
