import CoreML
import EdgeVitCore

/// Reads what the model answered, as its configuration describes it.
struct Outputs {
    let provider: any MLFeatureProvider
    let info: ModelInfo
    let labels: [String]

    /// Class probabilities in the order of `labels`, of a model with head `probabilities` or `logits`.
    func probabilities() throws -> [Double] {
        info.output.head == .logits ? Ranking.softmax(try first().values) : try dictionary()
    }

    /// The first output.
    func first() throws -> OutputArray {
        try array(info.output.names.first ?? info.output.head.rawValue)
    }

    /// All outputs in order.
    func all() throws -> [OutputArray] {
        try info.output.names.map(array)
    }

    private func array(_ name: String) throws -> OutputArray {
        guard let found = provider.featureValue(for: name)?.multiArrayValue else {
            throw EdgeVitError.unexpectedOutput("no array named \(name)")
        }
        // Half-precision outputs are widened here; an array may be padded, so its memory is not read directly.
        let wide = MLShapedArray<Float>(converting: found)
        return OutputArray(name: name, shape: wide.shape, values: wide.scalars)
    }

    /// A classifier's answer is a dictionary from label to probability.
    private func dictionary() throws -> [Double] {
        let features = info.output.names.lazy.compactMap { provider.featureValue(for: $0) }
        guard let table = features.first(where: { $0.type == .dictionary })?.dictionaryValue else {
            throw EdgeVitError.unexpectedOutput("no dictionary of probabilities")
        }
        return try labels.map { label in
            guard let value = table[AnyHashable(label)] else {
                throw EdgeVitError.unexpectedOutput("no probability for a label")
            }
            return value.doubleValue
        }
    }
}
