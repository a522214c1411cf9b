import EdgeVitCore
import Foundation
import Testing

@Suite("Labels")
struct LabelsTests {
    @Test(
        "any content survives",
        arguments: [
            ["a", "b"], ["quotes \" \\(x)", "tab\tend"], ["\u{05D0}\u{05D1}", "\u{1F98E}"],
            ["r\r", "line\u{2028}separator"],
            ["e\u{301}", "\u{E9}"],
        ])
    func content(labels: [String]) throws {
        let data = Data(labels.map { "\($0)\n" }.joined().utf8)
        let read = try Labels.parse(data, classes: labels.count)
        #expect(read.map { Array($0.unicodeScalars) } == labels.map { Array($0.unicodeScalars) })
    }

    @Test("a model without classes has none")
    func none() throws {
        #expect(try Labels.parse(Data(), classes: 0).isEmpty)
    }

    @Test("a wrong count and bytes that are not UTF-8 are refused")
    func refused() {
        #expect(throws: EdgeVitError.badModelData("labels.txt has 1 lines for 2 classes")) {
            try Labels.parse(Data("one\n".utf8), classes: 2)
        }
        #expect(throws: EdgeVitError.badModelData("labels.txt is not UTF-8")) {
            try Labels.parse(Data([0xC3, 0x28, 0x0A]), classes: 1)
        }
    }
}
