import Foundation

/// JSON that is the same bytes whoever writes it: sorted keys, no spaces, whole numbers only.
///
/// Reports are compared and signed by their bytes on three systems whose JSON writers differ in their spaces, slashes
/// and floating-point numbers; so there are none of these.
public enum CanonicalJSON {
    private enum Value: Decodable {
        case null
        case flag(Bool)
        case number(Int)
        case text(String)
        case list([Value])
        case table([String: Value])

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .null
            } else if let flag = try? single.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? single.decode(Int.self) {
                self = .number(number)
            } else if let text = try? single.decode(String.self) {
                self = .text(text)
            } else if let list = try? single.decode([Value].self) {
                self = .list(list)
            } else {
                self = .table(try single.decode([String: Value].self))
            }
        }

        var text: String {
            switch self {
            case .null: "null"
            case .flag(let flag): flag ? "true" : "false"
            case .number(let number): String(number)
            case .text(let text): CanonicalJSON.quoted(text)
            case .list(let list): "[" + list.map(\.text).joined(separator: ",") + "]"
            case .table(let table): "{" + CanonicalJSON.members(table) + "}"
            }
        }
    }

    /// Returns the bytes of a value whose numbers are all whole.
    public static func encode(_ value: some Encodable) throws -> Data {
        let tree = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
        return Data(tree.text.utf8)
    }

    private static func members(_ table: [String: Value]) -> String {
        let sorted = table.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return sorted.map { "\(quoted($0.key)):\($0.value.text)" }.joined(separator: ",")
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u{8}": "\\b", "\u{C}": "\\f",
    ]

    private static func quoted(_ text: String) -> String {
        let inside = text.unicodeScalars.map { scalar -> String in
            if let escape = escapes[scalar] { return escape }
            guard scalar.value < 0x20 else { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"" + inside.joined() + "\""
    }
}
