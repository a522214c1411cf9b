import EdgeVitCore
import Foundation
import Testing

@Suite("Errors")
struct ErrorTests {
    private static let all: [EdgeVitError] = [
        .missingResource("X"), .badModelData("X"), .unreadableImage("X"), .modelUnavailable("X"),
        .predictionFailed("X"),
        .unexpectedOutput("X"), .wrongHead(needed: "X", built: "logits"),
    ]

    @Test("each says what happened and what to do", arguments: all)
    func words(error: EdgeVitError) throws {
        let description = try #require(error.errorDescription)
        #expect(description.contains("X"))
        #expect(error.localizedDescription == description)
        let suggestion = try #require(error.recoverySuggestion)
        #expect(suggestion.hasSuffix("."))
    }
}
