import Foundation

/// Class names, one a line, in the order of the model's output.
public enum Labels {
    /// Reads the bytes of `labels.txt`: UTF-8, lines ended by a line feed alone, so that any other character,
    /// including a carriage return or a Unicode line separator, stays part of its label.
    ///
    /// - Throws: ``EdgeVitError/badModelData(_:)`` where the bytes are not UTF-8 or the count is not `classes`.
    public static func parse(_ data: Data, classes: Int) throws -> [String] {
        guard let text = String(data: data, encoding: .utf8) else {
            throw EdgeVitError.badModelData("labels.txt is not UTF-8")
        }
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count == classes else {
            throw EdgeVitError.badModelData("labels.txt has \(lines.count) lines for \(classes) classes")
        }
        return lines
    }
}
