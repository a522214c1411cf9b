/// Summary of a series of durations, all in nanoseconds rounded to whole ones.
public struct LatencyStatistics: Sendable, Hashable, Codable {
    public let count: Int
    public let minimum: Int
    public let maximum: Int
    public let mean: Int
    /// Sample standard deviation; 0 for one duration.
    public let deviation: Int
    public let p50: Int
    public let p90: Int
    public let p99: Int

    enum CodingKeys: String, CodingKey {
        case count, mean, p50, p90, p99
        case minimum = "min"
        case maximum = "max"
        case deviation = "std"
    }

    /// Returns nil for an empty series.
    public init?(nanoseconds series: [Int]) {
        let sorted = series.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let mean = Self.mean(sorted)
        let squares = sorted.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
        count = sorted.count
        minimum = first
        maximum = last
        self.mean = Self.whole(mean)
        deviation = Self.whole(count > 1 ? (squares / Double(count - 1)).squareRoot() : 0)
        p50 = Self.whole(Self.quantile(0.5, of: sorted))
        p90 = Self.whole(Self.quantile(0.9, of: sorted))
        p99 = Self.whole(Self.quantile(0.99, of: sorted))
    }

    /// The figure of the FastViT paper's benchmark app, in nanoseconds: the first round is dropped, of every other
    /// round the `trim` fastest and slowest durations, and the rest is averaged.
    ///
    /// Returns nil unless at least two rounds have more than `2 * trim` durations each.
    public static func modelbench(rounds: [[Int]], trim: Int = 10) -> Int? {
        let kept = rounds.dropFirst()
        guard !kept.isEmpty, kept.allSatisfy({ $0.count > 2 * trim }) else { return nil }
        return whole(mean(kept.flatMap { $0.sorted().dropFirst(trim).dropLast(trim) }))
    }

    private static func mean(_ series: [Int]) -> Double {
        Double(series.reduce(0, +)) / Double(series.count)
    }

    /// Linear interpolation between the two nearest ranks.
    private static func quantile(_ share: Double, of sorted: [Int]) -> Double {
        let position = share * Double(sorted.count - 1)
        let low = Int(position)
        let high = min(low + 1, sorted.count - 1)
        return Double(sorted[low]) + Double(sorted[high] - sorted[low]) * (position - Double(low))
    }

    private static func whole(_ value: Double) -> Int {
        Int(value.rounded(.toNearestOrEven))
    }
}
