import EdgeVitKit
import Foundation

/// How often latencies fall into ranges of equal width.
struct Histogram {
    struct Bin: Identifiable, Equatable {
        let id: Int
        /// Middle of the range, in milliseconds.
        let milliseconds: Double
        let runs: Int
    }

    let bins: [Bin]

    /// - Parameters:
    ///   - series: Nanoseconds. What is slower than 99 of 100 runs counts in the last range, so that one interruption
    ///     does not squeeze all others into the first.
    ///   - count: Ranges, at least 1.
    init(nanoseconds series: [Int], count: Int = 30) {
        guard let figures = LatencyStatistics(nanoseconds: series) else {
            bins = []
            return
        }
        let (low, count) = (figures.minimum, max(1, count))
        let width = max(1, Double(figures.p99 - low) / Double(count))
        var runs = [Int](repeating: 0, count: count)
        for duration in series { runs[min(count - 1, Int(Double(duration - low) / width))] += 1 }
        bins = runs.enumerated().map { index, runs in
            Bin(id: index, milliseconds: (Double(low) + (Double(index) + 0.5) * width) / 1e6, runs: runs)
        }
    }
}

/// Latency and heat along a measurement.
struct Timeline {
    struct Slice: Identifiable, Equatable {
        let id: Int
        /// Middle of the slice, in seconds from the probe's start.
        let seconds: Double
        /// Median of the slice's runs.
        let milliseconds: Double
        /// The hottest state of the slice.
        let thermal: Thermal
    }

    let slices: [Slice]

    /// - Parameters:
    ///   - samples: In order of time.
    ///   - count: Slices at most; those without a run are left out.
    init(_ samples: [ProbeSample], count: Int = 60) {
        guard let start = samples.first?.start, let end = samples.last?.start else {
            slices = []
            return
        }
        let width = max(1, Double(end - start) / Double(count))
        let groups = Dictionary(grouping: samples) { min(count - 1, Int(Double($0.start - start) / width)) }
        slices = groups.sorted { $0.key < $1.key }.compactMap { index, group in
            guard let figures = LatencyStatistics(nanoseconds: group.map(\.duration)),
                let thermal = group.map(\.conditions.thermal).max()
            else { return nil }
            return Slice(
                id: index, seconds: (Double(start) + (Double(index) + 0.5) * width) / 1e9,
                milliseconds: Double(figures.p50) / 1e6, thermal: thermal)
        }
    }
}

/// Where the system plans to run the model's operations.
struct Placements {
    struct Share: Identifiable, Equatable {
        let processor: PlannedOperation.Processor
        let operations: Int
        /// Estimated share of the work in percent; nil where the system does not tell.
        let percent: Double?

        var id: String { processor.rawValue }

        var description: String {
            guard let percent else { return String(operations) }
            return "\(operations), " + String(format: "%.1f %% of the work", percent)
        }
    }

    /// The largest number of operations first.
    let shares: [Share]

    init(_ operations: [PlannedOperation]) {
        shares = Dictionary(grouping: operations, by: \.preferred).map { processor, group in
            let costs = group.compactMap(\.cost)
            return Share(
                processor: processor, operations: group.count,
                percent: costs.isEmpty ? nil : Double(costs.reduce(0, +)) / 10_000)
        }
        .sorted { ($0.operations, $0.id) > ($1.operations, $1.id) }
    }
}

extension Int {
    /// These nanoseconds for people.
    var asMilliseconds: String { String(format: "%.2f ms", Double(self) / 1e6) }
}
