/// What a probe measures and for how long.
public struct ProbePlan: Sendable, Hashable, Codable {
    /// How the measured runs are laid out.
    public enum Layout: String, Sendable, Hashable, Codable, CaseIterable {
        /// At least 100 runs and 10 seconds, whichever is later: what an app's user meets.
        case standard
        /// Without a pause for some minutes: how far heat slows the model down.
        case sustained
        /// 20 rounds of 50 runs: the protocol of the FastViT paper's figures.
        case modelbench
    }

    public let layout: Layout

    /// Runs before the measured ones, also after every interruption.
    public let warmUp: Int

    /// Times that an image is prepared for the model, timed apart.
    public let preparations: Int

    /// Measured runs at least.
    public let minimumRuns: Int

    /// Nanoseconds that the measured runs take together, at least.
    public let minimumDuration: Int

    /// Runs of a round; 0 where there are none.
    public let roundLength: Int

    public let computeUnits: ComputeUnits

    enum CodingKeys: String, CodingKey {
        case layout, preparations
        case warmUp = "warm_up"
        case minimumRuns = "min_runs"
        case minimumDuration = "min_duration_ns"
        case roundLength = "round_length"
        case computeUnits = "compute_units"
    }

    public init(
        layout: Layout, warmUp: Int = 10, preparations: Int = 20, minimumRuns: Int, minimumDuration: Int,
        roundLength: Int = 0, computeUnits: ComputeUnits = .all
    ) {
        self.layout = layout
        self.warmUp = warmUp
        self.preparations = preparations
        self.minimumRuns = minimumRuns
        self.minimumDuration = minimumDuration
        self.roundLength = roundLength
        self.computeUnits = computeUnits
    }

    public static func standard(_ computeUnits: ComputeUnits = .all) -> ProbePlan {
        ProbePlan(
            layout: .standard, minimumRuns: 100, minimumDuration: 10_000_000_000, computeUnits: computeUnits)
    }

    public static func sustained(minutes: Int, _ computeUnits: ComputeUnits = .all) -> ProbePlan {
        ProbePlan(
            layout: .sustained, minimumRuns: 1, minimumDuration: minutes * 60_000_000_000, computeUnits: computeUnits)
    }

    public static func modelbench(_ computeUnits: ComputeUnits = .all) -> ProbePlan {
        ProbePlan(
            layout: .modelbench, minimumRuns: 1000, minimumDuration: 0, roundLength: 50, computeUnits: computeUnits)
    }
}
