import Foundation

/// How hot the device says it is.
public enum Thermal: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case nominal, fair, serious, critical

    public static func < (left: Thermal, right: Thermal) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}

/// The state of the device at one moment.
public struct Conditions: Sendable, Hashable, Codable {
    public let thermal: Thermal
    public let lowPower: Bool
    /// Charge in percent; nil where the system does not tell.
    public let battery: Int?
    /// Bytes that the app may still allocate; nil where the system does not tell.
    public let freeMemory: Int?
    /// Bytes that count against the app's limit; nil where the system does not tell.
    public let footprint: Int?

    enum CodingKeys: String, CodingKey {
        case thermal
        case lowPower = "low_power"
        case battery = "battery_percent"
        case freeMemory = "free_memory_bytes"
        case footprint = "footprint_bytes"
    }

    public init(thermal: Thermal, lowPower: Bool, battery: Int?, freeMemory: Int?, footprint: Int? = nil) {
        self.thermal = thermal
        self.lowPower = lowPower
        self.battery = battery
        self.freeMemory = freeMemory
        self.footprint = footprint
    }
}

/// One measured run.
public struct ProbeSample: Sendable, Hashable, Codable {
    /// Nanoseconds from the probe's start to this run's.
    public let start: Int
    /// Nanoseconds that the run took.
    public let duration: Int
    public let conditions: Conditions

    enum CodingKeys: String, CodingKey {
        case conditions
        case start = "start_ns"
        case duration = "duration_ns"
    }

    public init(start: Int, duration: Int, conditions: Conditions) {
        self.start = start
        self.duration = duration
        self.conditions = conditions
    }
}

/// Something that happened while the probe ran.
public struct ProbeEvent: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case background, cancelled, failed
        case memoryWarning = "memory_warning"
    }

    /// Nanoseconds since the probe's start.
    public let at: Int
    public let kind: Kind
    public let detail: String

    enum CodingKeys: String, CodingKey {
        case kind, detail
        case at = "at_ns"
    }

    public init(at: Int, kind: Kind, detail: String = "") {
        self.at = at
        self.kind = kind
        self.detail = detail
    }
}

/// What the probe ran on.
public struct ProbeSubject: Sendable, Hashable, Codable {
    public let model: String
    /// Digest of the model's files.
    public let sha256: String
    public let device: String
    public let system: String
    /// Whether the app was built with optimization.
    public let optimized: Bool
    public let weightsAreTrained: Bool
    /// Of the task that ran the probe: 25 for what the user waits for, 17 and less for work that may be slowed down.
    public let priority: Int?

    enum CodingKeys: String, CodingKey {
        case model, sha256, device, system, optimized
        case weightsAreTrained = "weights_are_trained"
        case priority = "task_priority"
    }

    public init(
        model: String, sha256: String, device: String, system: String, optimized: Bool, weightsAreTrained: Bool,
        priority: Int? = nil
    ) {
        self.model = model
        self.sha256 = sha256
        self.device = device
        self.system = system
        self.optimized = optimized
        self.weightsAreTrained = weightsAreTrained
        self.priority = priority
    }
}

/// Everything a probe has measured so far; the raw samples first, figures are derived from them.
public struct ProbeReport: Sendable, Hashable, Codable {
    public static let schema = "edgevit-report/1"

    /// The last thing that was finished.
    public enum Phase: String, Sendable, Hashable, Codable {
        case started, loaded, first, prepared, warm, measured
    }

    public let schema: String
    public let subject: ProbeSubject
    public let plan: ProbePlan
    /// Seconds since 1970 in UTC.
    public let startedAt: Int
    public internal(set) var phase = Phase.started
    public internal(set) var placement: Placement
    /// Nanoseconds of loading the model, compilation included where there was no compiled one.
    public internal(set) var load: Int?
    /// Nanoseconds of the first run.
    public internal(set) var first: Int?
    /// Nanoseconds of preparing an image, each time.
    public internal(set) var preparations: [Int] = []
    /// Every ``sampleStride``-th measured run and the last one, in order; at most 16,384.
    public internal(set) var samples: [ProbeSample] = []
    /// How many measured runs there were.
    public internal(set) var runs = 0
    /// 1 where every run was kept; doubled each time that they became too many.
    public internal(set) var sampleStride = 1
    /// Runs that were thrown away because the processors changed while they were measured.
    public internal(set) var discarded = 0
    public internal(set) var events: [ProbeEvent] = []
    /// What a self-test found, for whoever runs one; after the probe, so that its load and first run are the first.
    public var selfTest: [SelfTestRecord]?
    /// What the system plans for each operation; nil where it does not tell.
    public internal(set) var operations: [PlannedOperation]?

    enum CodingKeys: String, CodingKey {
        case schema, subject, plan, phase, placement, samples, runs, discarded, events, operations
        case sampleStride = "sample_stride"
        case startedAt = "started_at_s"
        case load = "load_ns"
        case first = "first_ns"
        case preparations = "preparations_ns"
        case selfTest = "self_test"
    }

    public init(subject: ProbeSubject, plan: ProbePlan, startedAt: Int) {
        schema = Self.schema
        self.subject = subject
        self.plan = plan
        self.startedAt = startedAt
        placement = Placement(asked: plan.computeUnits)
    }

    /// Figures of the samples; nil without any.
    public var statistics: LatencyStatistics? {
        LatencyStatistics(nanoseconds: samples.map(\.duration))
    }

    /// The FastViT paper's figure in nanoseconds, for that layout; it needs every run.
    public var modelbench: Int? {
        guard plan.layout == .modelbench, plan.roundLength > 0, sampleStride == 1 else { return nil }
        let durations = samples.map(\.duration)
        let rounds = stride(from: 0, to: durations.count, by: plan.roundLength).map {
            Array(durations[$0..<min($0 + plan.roundLength, durations.count)])
        }
        return LatencyStatistics.modelbench(rounds: rounds)
    }

    /// The report's file.
    public func json() throws -> Data { try CanonicalJSON.encode(self) }
}
