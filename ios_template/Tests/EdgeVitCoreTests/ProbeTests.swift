import EdgeVitCore
import Foundation
import Testing

@Suite("Probe")
struct ProbeTests {
    private static let plan = ProbePlan(
        layout: .standard, warmUp: 3, preparations: 2, minimumRuns: 20, minimumDuration: 30_000_000)

    private static let subject = ProbeSubject(
        model: "sample", sha256: String(repeating: "0", count: 64), device: "none", system: "none", optimized: true,
        weightsAreTrained: true)

    private func probe(_ world: ProbeWorld, _ plan: ProbePlan = plan) async -> ProbeReport {
        await ProbeRunner(model: world, device: world).run(
            ProbeReport(subject: Self.subject, plan: plan, startedAt: 1_700_000_000))
    }

    @Test("an undisturbed run is valid, and its samples are what the model did")
    func undisturbed() async throws {
        let world = ProbeWorld(ProbeScript())
        let report = await probe(world)
        #expect(report.isValid)
        #expect(report.phase == .measured)
        #expect(report.load == 50_000_000)
        #expect(report.preparations == [2_000_000, 2_000_000])
        let runs = await world.record.runs
        #expect(report.first == runs[0].duration)
        #expect(report.samples.map(\.duration) == runs.dropFirst(1 + 3).map(\.duration))
        #expect(report.statistics?.count == report.samples.count)
        #expect(report.runs == report.samples.count && report.sampleStride == 1)
        #expect(await world.loaded == nil)
        #expect(report.operations?.map(\.name) == [ComputeUnits.all.rawValue])
        #expect(report.operations?.first?.cost == 1_000_000)
    }

    @Test("a partial report follows every phase")
    func partial() async {
        actor Phases {
            var seen: [ProbeReport.Phase] = []
            func note(_ phase: ProbeReport.Phase) { seen.append(phase) }
        }
        let (world, phases) = (ProbeWorld(ProbeScript()), Phases())
        _ = await ProbeRunner(model: world, device: world).run(
            ProbeReport(subject: Self.subject, plan: Self.plan, startedAt: 0)
        ) { await phases.note($0.phase) }
        #expect(await phases.seen == [.loaded, .first, .prepared, .warm, .measured])
    }

    @Test("heat makes a standard run invalid, and is what a sustained run is for")
    func heat() async {
        var script = ProbeScript()
        script.thermal[10] = .serious
        #expect(await probe(ProbeWorld(script)).invalidReasons == [.throttled])
        let sustained = ProbePlan(
            layout: .sustained, warmUp: 3, preparations: 0, minimumRuns: 1, minimumDuration: 60_000_000)
        #expect(await probe(ProbeWorld(script), sustained).isValid)
    }

    @Test("heat before the measured runs does not count")
    func heatBefore() async {
        var script = ProbeScript()
        script.thermal = [0: .critical, 3: .nominal]
        #expect(await probe(ProbeWorld(script)).isValid)
    }

    @Test("a second memory warning ends the probe")
    func memory() async {
        var script = ProbeScript()
        script.events = [6: [.memoryWarning]]
        #expect(await probe(ProbeWorld(script)).invalidReasons == [.lowMemory])
        script.events[12] = [.memoryWarning]
        let report = await probe(ProbeWorld(script))
        #expect(report.invalidReasons == [.unfinished, .tooFewRuns, .lowMemory])
        #expect(!report.samples.isEmpty)
    }

    @Test("no processor loads the model")
    func nothingLoads() async {
        var script = ProbeScript()
        script.unloadable = Set(ComputeUnits.allCases)
        let report = await probe(ProbeWorld(script))
        #expect(report.invalidReasons == [.unfinished, .tooFewRuns, .otherProcessors])
        #expect(report.placement.failures.map(\.units) == [.all, .cpuAndGPU, .cpuOnly])
    }

    @Test("a debug build is never valid")
    func debug() async {
        let subject = ProbeSubject(
            model: "m", sha256: "", device: "d", system: "s", optimized: false, weightsAreTrained: false)
        let world = ProbeWorld(ProbeScript())
        let report = await ProbeRunner(model: world, device: world).run(
            ProbeReport(subject: subject, plan: Self.plan, startedAt: 0))
        #expect(report.invalidReasons == [.notOptimized])
    }

    @Test("1,000 random scripts: no wrong verdict, no wrong sample, no forbidden run")
    func random() async {
        var (valid, invalid) = (0, 0)
        for seed in 0..<1000 {
            var chance = Chance(seed: UInt64(seed))
            let script = seed % 10 == 0 ? ProbeScript() : ProbeScript(chance: &chance)
            let world = ProbeWorld(script, seed: UInt64(seed))
            let report = await probe(world)
            let record = await world.record
            #expect(record.mistakes.isEmpty, "script \(seed)")
            #expect(wrongSamples(report, record) == 0, "script \(seed)")
            #expect(Set(report.invalidReasons) == expectedReasons(report, record), "script \(seed)")
            if report.isValid { valid += 1 } else { invalid += 1 }
        }
        #expect(valid >= 100)
        #expect(invalid >= 300)
    }

    /// Samples that the model did not run, ran on other processors than stated, or ran before it was warm.
    private func wrongSamples(_ report: ProbeReport, _ record: ProbeWorld.Record) -> Int {
        let indices = Dictionary(
            uniqueKeysWithValues: record.runs.enumerated().map { ($1.start - record.origin, $0) })
        return report.samples.filter { sample in
            guard let index = indices[sample.start] else { return true }
            let run = record.runs[index]
            let cold = record.chills.contains { $0 <= index && index - $0 < report.plan.warmUp }
            let moved = report.placement.used.map { $0 != run.units } ?? false
            return cold || moved || run.duration != sample.duration || run.conditions != sample.conditions
        }.count
    }

    /// The verdict as the device's own record gives it.
    private func expectedReasons(_ report: ProbeReport, _ record: ProbeWorld.Record) -> Set<InvalidReason> {
        let warnings = record.delivered.filter { $0 == .memoryWarning }.count
        let conditions = report.samples.map(\.conditions)
        let holds: [InvalidReason: Bool] = [
            .unfinished: record.cancelled || record.exhausted || warnings > 1,
            .cancelled: record.cancelled,
            .tooFewRuns: report.runs < report.plan.minimumRuns,
            .otherProcessors: record.exhausted || record.working != report.plan.computeUnits,
            .interrupted: record.delivered.contains(.background),
            .lowMemory: warnings > 0,
            .throttled: conditions.contains { $0.thermal == .serious || $0.thermal == .critical },
            .lowPower: conditions.contains { $0.lowPower },
        ]
        return Set(holds.filter(\.value).keys)
    }
}
