import Foundation

/// From scores to predictions.
public enum Ranking {
    /// Probabilities of logits, computed around their maximum so that no finite input overflows.
    public static func softmax(_ logits: [Float]) -> [Double] {
        guard let peak = logits.max() else { return [] }
        let powers = logits.map { exp(Double($0) - Double(peak)) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The `count` most probable classes, best first; equal ones in the order of their index.
    ///
    /// - Throws: ``EdgeVitError/unexpectedOutput(_:)`` where the counts differ or a probability is not a number, which
    ///   is what an overflow on the device looks like.
    public static func top(_ count: Int, of probabilities: [Double], labels: [String]) throws -> [Prediction] {
        guard probabilities.count == labels.count else {
            throw EdgeVitError.unexpectedOutput("\(probabilities.count) scores for \(labels.count) labels")
        }
        guard probabilities.allSatisfy(\.isFinite) else {
            throw EdgeVitError.unexpectedOutput("a score that is not a finite number")
        }
        let order = probabilities.indices.sorted {
            probabilities[$0] == probabilities[$1] ? $0 < $1 : probabilities[$0] > probabilities[$1]
        }
        return order.prefix(max(0, count)).map {
            Prediction(index: $0, label: labels[$0], probability: probabilities[$0])
        }
    }
}
