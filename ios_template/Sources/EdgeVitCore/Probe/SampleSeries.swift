/// The runs of one series, thinned when they become too many: a small model runs a million times in some minutes.
///
/// Every run is kept until ``limit`` are; then every second of those goes, and from there on every second run is kept,
/// and so forth. So what is kept is spread evenly over the whole time, in order, with the first run and the last.
struct SampleSeries: Sendable {
    /// The same in Kotlin and in the schema; enough for a 99th percentile, and some megabytes of JSON.
    static let limit = 16_384

    private var kept: [ProbeSample] = []
    private var last: ProbeSample?

    /// How many runs there were.
    private(set) var runs = 0

    /// From one kept run to the next: 1 while all are kept, then 2, 4 and so on.
    private(set) var stride = 1

    /// At most ``limit``: every ``stride``-th run, and the last.
    var samples: [ProbeSample] {
        guard let last, (runs - 1) % stride != 0 else { return kept }
        return kept + [last]
    }

    mutating func add(_ sample: ProbeSample) {
        if kept.count == Self.limit { thin() }
        if runs % stride == 0 { kept.append(sample) }
        last = sample
        runs += 1
    }

    private mutating func thin() {
        kept = kept.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        stride *= 2
    }
}
