import Foundation

/// What PyTorch computed on a few photographs when the package was built, from `golden.json`.
public struct Golden: Sendable, Decodable {
    /// The one `schema` that this code reads.
    public static let schema = "edgevit-golden/1"

    /// Elements that are kept of a larger output.
    private static let kept = 4096

    public struct Photo: Sendable, Decodable {
        public let name: String
        /// Digest of the pixels that the network saw, red, green, blue, row by row.
        public let pixelsSHA256: String
        public let outputs: [Output]

        enum CodingKeys: String, CodingKey {
            case name, outputs
            case pixelsSHA256 = "pixels_sha256"
        }
    }

    public struct Output: Sendable, Decodable {
        public let shape: [Int]
        /// `value` or `log-probability`.
        public let quantity: String
        /// Little-endian 32-bit floating-point numbers.
        private let float32: Data

        /// The kept elements; probabilities where the quantity is their logarithm.
        public var values: [Double] {
            let stored = float32.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map { index -> Double in
                    let bits = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
                    return Double(Float(bitPattern: UInt32(littleEndian: bits)))
                }
            }
            return quantity == "log-probability" ? stored.map(exp) : stored
        }
    }

    public let schema: String
    public let photos: [Photo]

    /// Reads the bytes of `golden.json`.
    ///
    /// - Throws: ``EdgeVitError/badModelData(_:)`` where they are not of this schema.
    public init(json: Data) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: json)
        } catch {
            throw EdgeVitError.badModelData("golden.json: \(error)")
        }
        guard schema == Self.schema else {
            throw EdgeVitError.badModelData("golden.json has schema \(schema), not \(Self.schema)")
        }
    }

    /// The elements of an output that golden values exist of: all, or 4096 evenly spread ones.
    public static func sampled(_ values: [Double]) -> [Double] {
        guard values.count > kept else { return values }
        return (0..<kept).map { values[$0 * values.count / kept] }
    }
}
