import EdgeVitCore
import Foundation
import Testing

@Suite("Reports are the same on every system")
struct ReportTests {
    private struct Statistics: Decodable {
        struct Case: Decodable {
            let series: [Int]
            let statistics: LatencyStatistics
        }
        struct Modelbench: Decodable {
            let rounds: [[Int]]
            let figure: Int
        }
        let cases: [Case]
        let modelbench: Modelbench
    }

    @Test("figures are numpy's")
    func statistics() throws {
        let vectors = try JSONDecoder().decode(Statistics.self, from: Vectors.data("statistics"))
        #expect(vectors.cases.count == 5)
        for vector in vectors.cases {
            #expect(LatencyStatistics(nanoseconds: vector.series) == vector.statistics)
            #expect(LatencyStatistics(nanoseconds: vector.series.reversed()) == vector.statistics)
        }
        #expect(LatencyStatistics.modelbench(rounds: vectors.modelbench.rounds) == vectors.modelbench.figure)
    }

    @Test("an empty series and short rounds have no figures")
    func empty() {
        #expect(LatencyStatistics(nanoseconds: []) == nil)
        #expect(LatencyStatistics.modelbench(rounds: [[1], [2]]) == nil)
        #expect(LatencyStatistics.modelbench(rounds: [Array(repeating: 1, count: 50)]) == nil)
    }

    @Test("a report that Python wrote is read and written again byte for byte")
    func bytes() throws {
        let written = try Vectors.data("report")
        let report = try JSONDecoder().decode(ProbeReport.self, from: written)
        #expect(try report.json() == written)
        #expect(report.statistics?.mean == 8)
        #expect(
            report.invalidReasons == [.cancelled, .tooFewRuns, .otherProcessors, .interrupted, .lowMemory, .lowPower])
    }

    @Test("numbers that are not whole are refused")
    func fractions() {
        #expect(throws: (any Error).self) { try CanonicalJSON.encode(["a": 1.5]) }
    }
}
