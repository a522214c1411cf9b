import CoreGraphics
import CoreML
import EdgeVitKit
import Foundation
import Testing

@testable import Bench

extension EdgeVitTests {
    /// The app's unattended run, against the scripted Core ML.
    @Suite("Bench")
    struct BenchTests {
        /// Eight runs: a script that answers for two photographs in turn is at its start again.
        private static let plan = ProbePlan(
            layout: .standard, warmUp: 2, preparations: 1, minimumRuns: 5, minimumDuration: 0)

        private let folder: URL

        init() async throws {
            try await Script.reset()
            StubProcess.thermalState = .nominal
            StubProcess.lowPower = false
            folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }

        private func request(_ arguments: String...) throws -> Autorun? {
            try Autorun(arguments: ["EdgeVitBench"] + arguments)
        }

        @Test("an app that is opened by hand measures nothing")
        func byHand() throws {
            #expect(try request() == nil)
            #expect(try request("--edgevit-protocol", "sustained") == nil)
        }

        @Test("launch arguments are a plan")
        func arguments() throws {
            #expect(try request("--edgevit-autorun")?.plan == .standard())
            let sustained = try request(
                "--edgevit-autorun", "--edgevit-minutes", "3", "--edgevit-protocol", "sustained",
                "--edgevit-compute-units", "cpu_only")
            #expect(sustained?.plan == .sustained(minutes: 3, .cpuOnly))
            #expect(try request("--edgevit-protocol", "modelbench", "--edgevit-autorun")?.plan == .modelbench())
        }

        @Test(
            "arguments that cannot be understood are an error, not another measurement",
            arguments: [
                ("--edgevit-protocol", "fast"), ("--edgevit-protocol", ""), ("--edgevit-minutes", "0"),
                ("--edgevit-minutes", "121"), ("--edgevit-minutes", "ten"), ("--edgevit-compute-units", "npu"),
            ])
        func misunderstood(argument: String, value: String) {
            let given = ["--edgevit-autorun", argument] + (value.isEmpty ? [] : [value])
            #expect(throws: Autorun.Misunderstood(argument: argument, value: value)) {
                try Autorun(arguments: given)
            }
        }

        @Test("a run writes its report and says that it is done")
        func run() async throws {
            let labels = try await EdgeVit().labels
            StubPNG.decoded = [:]
            StubCoreML.predict = { _ in try Script.answer(labels, [1, 0, 0, 0, 0]) }
            let file = ReportFile(folder: folder)
            let last = await Autorun(plan: Self.plan).run(file: file)
            #expect(last == "finished valid=false self_test=0/0 report=\(file.url.path)")
            let report = try JSONDecoder().decode(ProbeReport.self, from: Data(contentsOf: file.url))
            #expect(report.phase == .measured)
            #expect(report.samples.count == 5)
            #expect(report.selfTest == nil)
            #expect(report.subject.priority != nil)
        }

        @Test("the self-test after the run is in the report")
        func selfTest() async throws {
            try EdgeVitTests.scriptPhotographs(try await EdgeVit().labels, repeating: true)
            let file = ReportFile(folder: folder)
            let last = await Autorun(plan: Self.plan).run(file: file)
            #expect(last.contains("self_test=2/2"))
            let report = try JSONDecoder().decode(ProbeReport.self, from: Data(contentsOf: file.url))
            #expect(report.selfTest?.map(\.photo) == ["astronaut", "coffee"])
            #expect(report.selfTest?.allSatisfy(\.passed) == true)
        }

        @Test("the probe is the first to load the model")
        func order() async throws {
            let labels = try await EdgeVit().labels
            StubCoreML.predict = { _ in try Script.answer(labels, [1, 0, 0, 0, 0]) }
            await Journal.shared.reset()
            let plan = ProbePlan(
                layout: .standard, warmUp: 0, preparations: 0, minimumRuns: 1, minimumDuration: 0,
                computeUnits: .cpuOnly)
            _ = await Autorun(plan: plan).run(file: ReportFile(folder: folder))
            #expect(await Journal.shared.loaded == [.cpuOnly, .all])
        }

        @Test("a model that does not load is in the report, and is no valid measurement")
        func unloadable() async throws {
            StubCoreML.compile = { _ in throw StubCoreML.Failure("bad model") }
            let file = ReportFile(folder: folder)
            let last = await Autorun(plan: Self.plan).run(file: file)
            #expect(last == "finished valid=false self_test=0/0 report=\(file.url.path)")
            let report = try JSONDecoder().decode(ProbeReport.self, from: Data(contentsOf: file.url))
            #expect(report.phase == .started)
            #expect(report.placement.failures.map(\.units) == [.all, .cpuAndGPU, .cpuOnly])
        }

        @Test("a report that cannot be written is a failure, said on one line")
        func unwritable() async throws {
            let labels = try await EdgeVit().labels
            StubCoreML.predict = { _ in try Script.answer(labels, [1, 0, 0, 0, 0]) }
            let nowhere = folder.appendingPathComponent("missing\nfolder")
            let last = await Autorun(plan: Self.plan).run(file: ReportFile(folder: nowhere))
            #expect(last.hasPrefix("failed "))
            #expect(!last.contains("\n"))
        }

        @Test("a histogram counts every run, interruptions in its last range")
        func histogram() {
            let series = (0..<200).map { 1_000_000 + $0 * 1000 } + [90_000_000]
            let bins = Histogram(nanoseconds: series, count: 10).bins
            #expect(bins.map(\.runs).reduce(0, +) == 201)
            #expect(bins.count == 10)
            #expect(bins[0].milliseconds > 1 && bins[9].milliseconds < 1.3)
            #expect(bins[9].runs > bins[8].runs)
            #expect(Histogram(nanoseconds: []).bins.isEmpty)
            #expect(Histogram(nanoseconds: [7], count: 3).bins.map(\.runs) == [1, 0, 0])
        }

        @Test("operations are counted for each processor, with their share of the work")
        func placements() {
            let operations = [
                PlannedOperation(name: "conv", preferred: .neuralEngine, supported: [], share: 0.5),
                PlannedOperation(name: "conv", preferred: .neuralEngine, supported: [], share: 0.25),
                PlannedOperation(name: "cast", preferred: .cpu, supported: [], share: nil),
            ]
            #expect(
                Placements(operations).shares == [
                    .init(processor: .neuralEngine, operations: 2, percent: 75),
                    .init(processor: .cpu, operations: 1, percent: nil),
                ])
        }

        @Test("a timeline keeps medians, and the hottest state of each slice")
        func timeline() {
            let samples = (0..<100).map { index in
                ProbeSample(
                    start: index * 1_000_000_000, duration: index == 5 ? 80_000_000 : 2_000_000,
                    conditions: Conditions(
                        thermal: index == 97 ? .serious : .nominal, lowPower: false, battery: nil, freeMemory: nil))
            }
            let slices = Timeline(samples, count: 10).slices
            #expect(slices.map(\.id) == Array(0..<10))
            #expect(slices.allSatisfy { $0.milliseconds == 2 })
            #expect(slices.map(\.thermal).last == .serious)
            #expect(slices.filter { $0.thermal == .nominal }.count == 9)
            #expect(Timeline([]).slices.isEmpty)
        }
    }
}
