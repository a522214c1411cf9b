import Foundation

/// How far a device's answer is from PyTorch's, and how far it may be.
public struct Agreement: Sendable, Hashable {
    /// 20 log10 of the reference's range over the RMS difference, in dB; infinite when equal.
    public let psnr: Double

    /// Largest absolute difference.
    public let maxAbs: Double

    /// Whether the largest element is the same one.
    public let sameTop: Bool

    /// The reference's lead of its largest element over the second, as a share of its range.
    public let margin: Double

    /// Returns nil where the counts differ, nothing is there, or a value is no finite number.
    public init?(reference: [Double], actual: [Double]) {
        guard reference.count == actual.count, let high = reference.max(), let low = reference.min(),
            actual.allSatisfy(\.isFinite)
        else { return nil }
        let differences = zip(reference, actual).map { $0 - $1 }
        let meanSquare = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
        psnr = meanSquare == 0 ? .infinity : 20 * log10((high - low) / meanSquare.squareRoot())
        maxAbs = differences.map(abs).max() ?? 0
        let order = reference.sorted(by: >)
        sameTop = reference.firstIndex(of: high) == actual.max().flatMap { actual.firstIndex(of: $0) }
        margin = order.count > 1 && high > low ? (order[0] - order[1]) / (high - low) : 1
    }
}

/// What a device may differ by from PyTorch.
public struct Tolerance: Sendable, Hashable, Codable {
    /// Least PSNR of arrays, in dB.
    public let psnr: Double
    /// Largest difference of a probability.
    public let probability: Double
    /// Lead, as a share of the range, below which another best class may be rounding.
    public let margin: Double

    enum CodingKeys: String, CodingKey {
        case psnr = "psnr_db"
        case probability = "probability_max_abs"
        case margin = "top1_margin"
    }

    public init(psnr: Double, probability: Double, margin: Double) {
        self.psnr = psnr
        self.probability = probability
        self.margin = margin
    }

    /// Whether an answer is within these limits.
    ///
    /// The limits were kept by the written file under a model of half precision. A phone's processors add up in other
    /// orders and precisions, so arrays may be 10 dB worse here; a wrong image path or a broken driver costs tens.
    public func allows(_ agreement: Agreement, probabilities: Bool) -> Bool {
        let close = probabilities ? agreement.maxAbs <= probability : agreement.psnr >= psnr - 10
        return close && (agreement.sameTop || agreement.margin <= margin)
    }
}
