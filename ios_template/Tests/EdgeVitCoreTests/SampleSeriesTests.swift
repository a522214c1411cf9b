import Testing

@testable import EdgeVitCore

@Suite("A long series keeps a bounded number of samples")
struct SampleSeriesTests {
    private static let cool = Conditions(thermal: .nominal, lowPower: false, battery: nil, freeMemory: nil)

    private func series(_ runs: Int) -> SampleSeries {
        var series = SampleSeries()
        for run in 0..<runs { series.add(ProbeSample(start: run, duration: 1, conditions: Self.cool)) }
        return series
    }

    @Test("all runs are kept while there is room", arguments: [0, 1, 2, SampleSeries.limit])
    func short(runs: Int) {
        let series = series(runs)
        #expect(series.samples.map(\.start) == Array(0..<runs))
        #expect((series.runs, series.stride) == (runs, 1))
    }

    @Test("more are thinned evenly, with the first and the last", arguments: [1, 2, 16_383, 16_384, 16_385, 65_539])
    func long(more: Int) {
        let runs = SampleSeries.limit + more
        let series = series(runs)
        let expected = Set(stride(from: 0, to: runs, by: series.stride)).union([runs - 1]).sorted()
        #expect(series.samples.map(\.start) == expected)
        #expect(series.runs == runs)
        #expect((SampleSeries.limit / 2...SampleSeries.limit).contains(expected.count))
    }

    @Test("the stride doubles")
    func doubles() {
        let limit = SampleSeries.limit
        #expect([limit, limit + 1, 2 * limit - 1, 2 * limit].map { series($0).stride } == [1, 2, 2, 4])
    }
}
