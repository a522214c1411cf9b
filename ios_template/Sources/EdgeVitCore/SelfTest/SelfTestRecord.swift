/// A self-test's result as a probe's report has it.
public struct SelfTestRecord: Sendable, Hashable, Codable {
    public let photo: String
    public let samePixels: Bool
    public let sameAnswer: Bool
    public let mistake: ImageMistake?
    /// The outputs' lowest PSNR in thousandths of a decibel; nil where they are equal or cannot be compared.
    public let psnr: Int?

    enum CodingKeys: String, CodingKey {
        case photo, mistake
        case samePixels = "same_pixels"
        case sameAnswer = "same_answer"
        case psnr = "psnr_mdb"
    }

    public var passed: Bool { samePixels && sameAnswer }

    public init(_ result: SelfTestResult) {
        photo = result.photo
        samePixels = result.samePixels
        sameAnswer = result.sameAnswer
        mistake = result.mistake
        let lowest = result.agreements.map(\.psnr).min()
        psnr = lowest.flatMap { $0.isFinite ? Int((1000 * $0).rounded()) : nil }
    }
}
