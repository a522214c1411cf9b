import Foundation

/// What `edgevit.json` says about the model in this package.
public struct ModelInfo: Sendable, Hashable, Codable {
    /// The one `schema` that this code reads.
    public static let schema = "edgevit-sdk/1"

    public struct Model: Sendable, Hashable, Codable {
        /// Registry name, for example `fastvit_t8`.
        public let id: String
        /// Name for people.
        public let title: String
        public let family: String
        /// Parameters of the training form with 1000 classes.
        public let params: Int
        /// Multiply-accumulates of one inference of the training form at the native size.
        public let macs: Int
        public let licence: String
        public let paper: String
    }

    public struct Weights: Sendable, Hashable, Codable {
        /// `pretrained`, `hub`, `file` or `random`.
        public let kind: String
        public let source: String
        public let sha256: String
        public let licence: String
        /// False for random weights: predictions mean nothing then.
        public let trained: Bool
        public let note: String
    }

    public struct Input: Sendable, Hashable, Codable {
        /// Name of the model's image input.
        public let name: String
        public let width: Int
        public let height: Int
        /// Share of the resized image that the centre crop keeps along its shorter side, above 0 and at most 1.
        public let cropFraction: Double
        /// How pixels are resized; only antialiased bicubic is implemented, as every released model uses it.
        public let interpolation: String
        /// Per-channel mean on a 0...1 scale, subtracted inside the model.
        public let mean: [Double]
        /// Per-channel standard deviation on a 0...1 scale, divided by inside the model.
        public let std: [Double]

        enum CodingKeys: String, CodingKey {
            case name, width, height, interpolation, mean, std
            case cropFraction = "crop_pct"
        }
    }

    public struct Output: Sendable, Hashable, Codable {
        public let head: Head
        /// Names of the model's outputs in order.
        public let names: [String]
        public let classes: Int
    }

    /// What the model returns.
    public enum Head: String, Sendable, Hashable, Codable {
        case logits, probabilities, embedding, features
    }

    public struct Artifact: Sendable, Hashable, Codable {
        /// Name of the model package beside `edgevit.json`.
        public let file: String
        /// `fp16` or `fp32`.
        public let precision: String
        /// Digest of the package's files.
        public let sha256: String
        public let bytes: Int
        /// For example `iOS 16`.
        public let minimumOS: String

        enum CodingKeys: String, CodingKey {
            case file, precision, sha256, bytes
            case minimumOS = "minimum_os"
        }
    }

    public let model: Model
    public let weights: Weights
    public let input: Input
    public let output: Output
    public let artifact: Artifact
    private let fidelity: Fidelity

    private struct Fidelity: Sendable, Hashable, Codable {
        let budget: Tolerance
    }

    /// What a device's answers may differ by from PyTorch's.
    public var tolerance: Tolerance { fidelity.budget }

    private struct Header: Decodable { let schema: String }

    /// Reads the bytes of `edgevit.json`.
    ///
    /// - Throws: ``EdgeVitError/badModelData(_:)`` where they are not of this schema or contradict themselves.
    public init(json: Data) throws {
        let decoder = JSONDecoder()
        do {
            let header = try decoder.decode(Header.self, from: json)
            guard header.schema == Self.schema else {
                throw EdgeVitError.badModelData("edgevit.json has schema \(header.schema), not \(Self.schema)")
            }
            self = try decoder.decode(Self.self, from: json)
        } catch let error as DecodingError {
            throw EdgeVitError.badModelData("edgevit.json: \(error)")
        }
        try check()
    }

    private func check() throws {
        guard input.width > 0, input.height > 0, input.cropFraction > 0, input.cropFraction <= 1 else {
            throw EdgeVitError.badModelData("edgevit.json describes an impossible input")
        }
        guard input.interpolation == "bicubic" else {
            throw EdgeVitError.badModelData("edgevit.json asks for \(input.interpolation) interpolation")
        }
        guard input.mean.count == 3, input.std.count == 3, output.classes >= 0, !output.names.isEmpty else {
            throw EdgeVitError.badModelData("edgevit.json describes an impossible model")
        }
    }
}
