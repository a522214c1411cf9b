import Foundation
import Testing

/// Golden vectors that Python wrote: the same inputs and the results that edgevit's Python side computes for them.
enum Vectors {
    struct File<Case: Decodable>: Decodable {
        let schema: String
        let cases: [Case]
    }

    struct Preprocessing: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let width: Int
        let height: Int
        let orientation: UInt32
        let pixels: Data
        let targetWidth: Int
        let targetHeight: Int
        let cropFraction: Double
        let expected: Data

        var testDescription: String { name }

        enum CodingKeys: String, CodingKey {
            case name, width, height, orientation, pixels, expected
            case targetWidth = "target_width"
            case targetHeight = "target_height"
            case cropFraction = "crop_pct"
        }
    }

    struct Ranking: Decodable, Sendable {
        let logits: [Float]
        let probabilities: [Double]
        let order: [Int]
    }

    struct Missing: Error {}

    /// The bytes of one file.
    static func data(_ name: String) throws -> Data {
        guard let url = Bundle.module.url(forResource: "Vectors/\(name)", withExtension: "json") else {
            throw Missing()
        }
        return try Data(contentsOf: url)
    }

    /// The cases of one file.
    static func load<Case: Decodable>(_ name: String, as type: Case.Type) throws -> [Case] {
        try JSONDecoder().decode(File<Case>.self, from: data(name)).cases
    }
}
