import EdgeVitCore
import Foundation

/// A repeatable source of chance.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ (state >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return mixed ^ (mixed >> 33)
    }

    /// True once in `odds` on average.
    mutating func once(in odds: Int) -> Bool { Int.random(in: 0..<odds, using: &self) == 0 }
}

/// What will happen to a probe, at which run of the model.
struct ProbeScript: Sendable {
    var unloadable: Set<ComputeUnits> = []
    var failingRuns: Set<Int> = []
    var thermal: [Int: Thermal] = [:]
    var lowPower: [Int: Bool] = [:]
    var events: [Int: [ProbeEvent.Kind]] = [:]
    var cancelledRun: Int?

    init() {}

    init(chance: inout Chance) {
        for units in ComputeUnits.allCases where chance.once(in: 12) { unloadable.insert(units) }
        for run in 0..<120 {
            if chance.once(in: 90) { failingRuns.insert(run) }
            if chance.once(in: 40) { thermal[run] = Thermal.allCases.randomElement(using: &chance) }
            if chance.once(in: 80) { lowPower[run] = Bool.random(using: &chance) }
            if chance.once(in: 80) { events[run, default: []].append(.background) }
            if chance.once(in: 110) { events[run, default: []].append(.memoryWarning) }
        }
        if chance.once(in: 10) { cancelledRun = Int.random(in: 0..<60, using: &chance) }
    }
}

/// A device and a model that follow a script, keep their own record, and note what a probe must never do.
actor ProbeWorld: ProbeModel, ProbeDevice {
    struct Run: Equatable {
        let start: Int
        let duration: Int
        let units: ComputeUnits
        let conditions: Conditions
    }

    /// What really happened.
    struct Record {
        /// The clock when the probe began.
        let origin: Int
        /// Runs that worked.
        var runs: [Run] = []
        /// Counts of `runs` at which the model had to be warmed up again.
        var chills: [Int] = []
        var delivered: [ProbeEvent.Kind] = []
        /// The processors that the model was loaded for last.
        var working: ComputeUnits?
        /// The last choice of processors has failed.
        var exhausted = false
        var cancelled = false
        /// What a probe must never do.
        var mistakes: [String] = []
    }

    private struct Failure: LocalizedError {
        let errorDescription: String?
    }

    private let script: ProbeScript
    private var chance: Chance
    private var clock: Int
    private var attempts = 0
    private var thermal = Thermal.nominal
    private var lowPower = false
    private var pending: [ProbeEvent.Kind] = []
    private var inBackground = false

    private(set) var loaded: ComputeUnits?
    private(set) var record: Record

    init(_ script: ProbeScript, seed: UInt64 = 0) {
        self.script = script
        chance = Chance(seed: seed)
        clock = Int.random(in: 0..<1_000_000, using: &chance)
        record = Record(origin: clock)
    }

    func now() -> Int { clock }

    func conditions() -> Conditions {
        Conditions(thermal: thermal, lowPower: lowPower, battery: 80, freeMemory: nil)
    }

    func events() -> [ProbeEvent.Kind] {
        defer { pending = [] }
        record.delivered += pending
        if !pending.isEmpty { record.chills.append(record.runs.count) }
        if pending.contains(.background) { inBackground = true }
        return pending
    }

    func foreground() throws {
        clock += 1_000_000_000
        inBackground = false
    }

    func load(_ units: ComputeUnits) throws {
        clock += 50_000_000
        if script.unloadable.contains(units) { throw failure(of: units, "no \(units.rawValue)") }
        loaded = units
        record.working = units
    }

    func unload() { loaded = nil }

    func operations(_ units: ComputeUnits) -> [PlannedOperation]? {
        if loaded != nil { record.mistakes.append("a plan beside a loaded model") }
        return [PlannedOperation(name: units.rawValue, preferred: .cpu, supported: [.cpu], share: 1)]
    }

    func prepare() { clock += 2_000_000 }

    func run() throws {
        guard let units = loaded else { return record.mistakes.append("a run without a model") }
        if inBackground { record.mistakes.append("a run in the background") }
        let attempt = attempts
        attempts += 1
        if attempt == script.cancelledRun {
            record.cancelled = true
            throw CancellationError()
        }
        thermal = script.thermal[attempt] ?? thermal
        lowPower = script.lowPower[attempt] ?? lowPower
        pending += script.events[attempt] ?? []
        let start = clock
        clock += Int.random(in: 1_000_000..<3_000_000, using: &chance)
        if script.failingRuns.contains(attempt) {
            loaded = nil
            record.chills.append(record.runs.count)
            throw failure(of: units, "run \(attempt) failed")
        }
        record.runs.append(Run(start: start, duration: clock - start, units: units, conditions: conditions()))
    }

    private func failure(of units: ComputeUnits, _ text: String) -> Failure {
        if units == .cpuOnly { record.exhausted = true }
        return Failure(errorDescription: text)
    }
}
