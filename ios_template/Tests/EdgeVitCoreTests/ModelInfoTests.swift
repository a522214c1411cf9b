import EdgeVitCore
import Foundation
import Testing

@Suite("edgevit.json")
struct ModelInfoTests {
    /// A file of the model that this very package carries.
    static func packaged(_ name: String = "edgevit.json") throws -> Data {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Data(contentsOf: root.appendingPathComponent("Sources/EdgeVitKit/ModelData/\(name)"))
    }

    private func edited(_ edit: (inout [String: Any]) -> Void) throws -> Data {
        var object = try #require(JSONSerialization.jsonObject(with: Self.packaged()) as? [String: Any])
        edit(&object)
        return try JSONSerialization.data(withJSONObject: object)
    }

    @Test("the packaged one is read and makes sense")
    func valid() throws {
        let info = try ModelInfo(json: Self.packaged())
        #expect(info.artifact.sha256.count == 64)
        #expect(info.input.std.allSatisfy { $0 > 0 })
        #expect(info.weights.trained == (info.weights.kind != "random"))
    }

    @Test("another schema is refused by name")
    func schema() throws {
        let json = try edited { $0["schema"] = "edgevit-sdk/9" }
        #expect(throws: EdgeVitError.badModelData("edgevit.json has schema edgevit-sdk/9, not edgevit-sdk/1")) {
            try ModelInfo(json: json)
        }
    }

    @Test("missing parts are refused", arguments: ["model", "weights", "input", "output", "artifact", "schema"])
    func missing(key: String) throws {
        let json = try edited { $0[key] = nil }
        #expect(throws: EdgeVitError.self) { try ModelInfo(json: json) }
    }

    @Test(
        "impossible values are refused",
        arguments: [
            ("width", 0.0), ("height", -4), ("crop_pct", 0), ("crop_pct", 1.5),
        ])
    func impossible(key: String, value: Double) throws {
        let json = try edited {
            var input = $0["input"] as? [String: Any] ?? [:]
            input[key] = value
            $0["input"] = input
        }
        #expect(throws: EdgeVitError.self) { try ModelInfo(json: json) }
    }

    @Test("bytes that are not JSON are refused", arguments: ["", "{", "[]", "null"])
    func notJSON(text: String) {
        #expect(throws: EdgeVitError.self) { try ModelInfo(json: Data(text.utf8)) }
    }
}
