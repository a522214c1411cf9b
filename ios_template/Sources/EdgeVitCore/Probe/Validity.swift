/// Why a report's figures must not be compared with others.
public enum InvalidReason: String, Sendable, Hashable, Codable, CaseIterable {
    case unfinished
    case cancelled
    case tooFewRuns = "too_few_runs"
    case otherProcessors = "other_processors"
    case interrupted
    case lowMemory = "low_memory"
    case throttled
    case lowPower = "low_power"
    case notOptimized = "not_optimized"
}

extension ProbeReport {
    /// All reasons, in the order of ``InvalidReason``; none means that the figures are good.
    public var invalidReasons: [InvalidReason] {
        InvalidReason.allCases.filter(holds)
    }

    public var isValid: Bool { invalidReasons.isEmpty }

    private func holds(_ reason: InvalidReason) -> Bool {
        switch reason {
        case .unfinished: phase != .measured
        case .cancelled: events.contains { $0.kind == .cancelled }
        case .tooFewRuns: runs < plan.minimumRuns
        case .otherProcessors: placement.used != plan.computeUnits
        case .interrupted: events.contains { $0.kind == .background }
        case .lowMemory: events.contains { $0.kind == .memoryWarning }
        case .throttled: plan.layout != .sustained && samples.contains { $0.conditions.thermal >= .serious }
        case .lowPower: samples.contains(where: \.conditions.lowPower)
        case .notOptimized: !subject.optimized
        }
    }
}
