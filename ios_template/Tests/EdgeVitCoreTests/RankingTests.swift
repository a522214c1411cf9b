import EdgeVitCore
import Testing

@Suite("Ranking")
struct RankingTests {
    @Test("softmax and order are Python's", arguments: try Vectors.load("ranking", as: Vectors.Ranking.self))
    func golden(vector: Vectors.Ranking) throws {
        let probabilities = Ranking.softmax(vector.logits)
        for (mine, theirs) in zip(probabilities, vector.probabilities) {
            #expect(abs(mine - theirs) <= 1e-12)
        }
        let labels = vector.logits.indices.map { "class \($0)" }
        let all = try Ranking.top(labels.count, of: probabilities, labels: labels)
        #expect(all.map(\.index) == vector.order)
        #expect(all.map(\.label) == vector.order.map { "class \($0)" })
    }

    @Test("counts beyond both ends")
    func counts() throws {
        let probabilities = [0.25, 0.75]
        #expect(try Ranking.top(-1, of: probabilities, labels: ["a", "b"]).isEmpty)
        #expect(try Ranking.top(9, of: probabilities, labels: ["a", "b"]).map(\.label) == ["b", "a"])
        #expect(Ranking.softmax([]).isEmpty)
    }

    @Test("scores that are no numbers are an error, not a prediction", arguments: [Double.nan, .infinity])
    func notFinite(value: Double) {
        #expect(throws: EdgeVitError.self) {
            try Ranking.top(1, of: [0.5, value], labels: ["a", "b"])
        }
    }

    @Test("a label too few is an error")
    func mismatch() {
        #expect(throws: EdgeVitError.unexpectedOutput("2 scores for 1 labels")) {
            try Ranking.top(1, of: [0.5, 0.5], labels: ["a"])
        }
    }
}
