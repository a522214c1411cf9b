import CoreML
import EdgeVitKit
import Foundation
import Testing

extension EdgeVitTests {
    /// The unchanged probe, with its own model and device, against the scripted Core ML.
    @Suite("Probe")
    struct KitProbeTests {
        private static let plan = ProbePlan(
            layout: .standard, warmUp: 2, preparations: 2, minimumRuns: 10, minimumDuration: 0)

        /// Scripts answers, and calls `at` before each with the number of predictions so far.
        init() async throws {
            try await Script.reset()
            StubProcess.thermalState = .nominal
            StubProcess.lowPower = false
        }

        private func answer(at: @escaping (Int) throws -> Void = { _ in }) async throws {
            let labels = try await EdgeVit().labels
            nonisolated(unsafe) var calls = 0
            StubCoreML.predict = { _ in
                calls += 1
                try at(calls)
                return try Script.answer(labels, [1, 0, 0, 0, 0])
            }
            await Journal.shared.reset()
        }

        /// A debug build is never valid; all other reasons are what these tests are about.
        private func reasons(_ report: ProbeReport) -> [InvalidReason] {
            report.invalidReasons.filter { $0 != .notOptimized }
        }

        @Test("an undisturbed run")
        func undisturbed() async throws {
            try await answer()
            let report = try await Probe().run(Self.plan)
            #expect(reasons(report) == [])
            #expect(report.invalidReasons == [.notOptimized])
            #expect(report.samples.count == 10)
            #expect(report.preparations.count == 2)
            #expect(report.placement.used == .all)
            #expect(report.subject.model == "sample")
            #expect(!report.subject.device.isEmpty)
            #expect(try JSONDecoder().decode(ProbeReport.self, from: report.json()).samples == report.samples)
        }

        @Test("the system's plan for each operation is recorded, constants left out")
        func plan() async throws {
            try await answer()
            let (cpu, engine) = (
                MLComputeDevice.cpu(.init(stub: ())), MLComputeDevice.neuralEngine(.init(stub: ()))
            )
            StubComputePlan.program = .init(stub: ["const", "ios16.conv", "ios16.softmax"])
            StubComputePlan.usage = [
                "ios16.conv": .init(stub: engine, [cpu, engine]), "ios16.softmax": .init(stub: cpu, [cpu]),
            ]
            StubComputePlan.cost = ["ios16.conv": 0.75]
            nonisolated(unsafe) var asked: [MLComputeUnits] = []
            StubComputePlan.load = { _, units in asked.append(units) }
            StubCoreML.load = { _, units in if units == .all { throw StubCoreML.Failure("no engine") } }
            let report = try await Probe().run(Self.plan)
            #expect(
                report.operations == [
                    .init(
                        name: "ios16.conv", preferred: .neuralEngine, supported: [.cpu, .neuralEngine], share: 0.75),
                    .init(name: "ios16.softmax", preferred: .cpu, supported: [.cpu], share: nil),
                ])
            #expect(asked == [.cpuAndGPU])
            StubComputePlan.load = { _, _ in throw StubCoreML.Failure("no plan") }
            #expect(try await Probe().run(Self.plan).operations == nil)
        }

        @Test("heat is seen in the samples")
        func heat() async throws {
            try await answer { if $0 == 8 { StubProcess.thermalState = .serious } }
            let report = try await Probe().run(Self.plan)
            #expect(reasons(report) == [.throttled])
            #expect(report.samples.first?.conditions.thermal == .nominal)
            #expect(report.samples.last?.conditions.thermal == .serious)
        }

        @Test("low-power mode is seen")
        func lowPower() async throws {
            StubProcess.lowPower = true
            try await answer()
            #expect(try await reasons(Probe().run(Self.plan)) == [.lowPower])
        }

        @Test("a memory warning reloads the model once")
        func memory() async throws {
            try await answer {
                if $0 == 6 {
                    StubMemoryPressure.raise()
                    Thread.sleep(forTimeInterval: 0.05)
                }
            }
            let plan = ProbePlan(
                layout: .standard, warmUp: 2, preparations: 0, minimumRuns: 10, minimumDuration: 30_000_000)
            let report = try await Probe().run(plan)
            #expect(report.events.map(\.kind) == [.memoryWarning])
            #expect(reasons(report) == [.lowMemory])
            #expect(await Journal.shared.loaded == [.all, .all])
        }

        @Test("a processor that does not load, and one that fails while running")
        func processors() async throws {
            try await answer { if $0 == 7 { throw StubCoreML.Failure("the GPU is gone") } }
            StubCoreML.load = { _, units in
                await Journal.shared.noteLoad(units)
                if units == .all { throw StubCoreML.Failure("no engine") }
            }
            let report = try await Probe().run(Self.plan)
            #expect(await Journal.shared.loaded == [.all, .cpuAndGPU, .cpuOnly])
            #expect(report.placement.used == .cpuOnly)
            #expect(report.placement.failures.map(\.units) == [.all, .cpuAndGPU])
            #expect(report.discarded > 0)
            #expect(reasons(report) == [.otherProcessors])
        }

        @Test("cancellation ends it with a report")
        func cancelled() async throws {
            nonisolated(unsafe) var cancel: () -> Void = {}
            try await answer { if $0 == 6 { cancel() } }
            let (start, begin) = AsyncStream<Void>.makeStream()
            let task = Task {
                for await _ in start { break }
                return try await Probe().run(Self.plan)
            }
            cancel = { task.cancel() }
            begin.yield()
            let report = try await task.value
            #expect(reasons(report).contains(.cancelled))
            #expect(report.samples.count < 10)
        }
    }
}
