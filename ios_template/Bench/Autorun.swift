import EdgeVitKit
import Foundation

/// A measurement without a person: asked for by launch arguments, answered by a file and a line in the log.
///
/// `--edgevit-autorun [--edgevit-protocol standard|sustained|modelbench] [--edgevit-minutes N]
/// [--edgevit-compute-units all|cpu_and_neural_engine|cpu_and_gpu|cpu_only]`
///
/// The log says when it is done: `EdgeVitBench: finished valid=... self_test=... report=...`, or `failed ...`.
struct Autorun: Sendable, Equatable {
    let plan: ProbePlan

    /// An argument that cannot be understood.
    struct Misunderstood: LocalizedError, Equatable {
        let argument: String
        let value: String
        var errorDescription: String? { "\(argument) cannot be \(value.isEmpty ? "empty" : value)" }
    }

}

extension Autorun {
    /// Returns nil where no measurement is asked for.
    ///
    /// - Throws: ``Misunderstood``.
    init?(arguments: [String]) throws {
        guard arguments.contains("--edgevit-autorun") else { return nil }
        let layout: ProbePlan.Layout = try Self.choice("--edgevit-protocol", in: arguments) ?? .standard
        let units: ComputeUnits = try Self.choice("--edgevit-compute-units", in: arguments) ?? .all
        plan = .plan(layout, minutes: try Self.minutes(in: arguments), units)
    }

    private static func choice<Choice: RawRepresentable>(
        _ name: String, in arguments: [String]
    ) throws -> Choice? where Choice.RawValue == String {
        guard let word = value(name, in: arguments) else { return nil }
        guard let choice = Choice(rawValue: word) else { throw Misunderstood(argument: name, value: word) }
        return choice
    }

    private static func minutes(in arguments: [String]) throws -> Int {
        let name = "--edgevit-minutes"
        guard let word = value(name, in: arguments) else { return 10 }
        guard let minutes = Int(word), (1...120).contains(minutes) else {
            throw Misunderstood(argument: name, value: word)
        }
        return minutes
    }

    /// What follows a name; an empty text where nothing does.
    private static func value(_ name: String, in arguments: [String]) -> String? {
        guard let place = arguments.firstIndex(of: name) else { return nil }
        return place + 1 < arguments.count ? arguments[place + 1] : ""
    }
}

extension ProbePlan {
    /// The plan of a layout; `minutes` counts for the sustained one alone.
    static func plan(_ layout: Layout, minutes: Int, _ units: ComputeUnits) -> ProbePlan {
        switch layout {
        case .standard: .standard(units)
        case .sustained: .sustained(minutes: minutes, units)
        case .modelbench: .modelbench(units)
        }
    }
}

extension Autorun {
    /// Measures, tests, writes, and returns the log's last line.
    func run(file: ReportFile = ReportFile()) async -> String {
        BenchLog.line("started \(plan.layout.rawValue) \(plan.computeUnits.rawValue)")
        let last: String
        do {
            last = Self.finished(try await measured(file), file)
        } catch {
            last = "failed \(error.onOneLine)"
        }
        BenchLog.line(last)
        return last
    }

    private func measured(_ file: ReportFile) async throws -> ProbeReport {
        var report = try await Probe().run(plan) { partial in
            BenchLog.line("phase \(partial.phase.rawValue)")
            try? file.write(partial)
        }
        try file.write(report)
        // The probe was the first to load and to run the model in this process; so it comes first.
        report.selfTest = try? await EdgeVit().selfTest().map(SelfTestRecord.init)
        try file.write(report)
        return report
    }

    private static func finished(_ report: ProbeReport, _ file: ReportFile) -> String {
        let tests = report.selfTest ?? []
        let passed = tests.filter(\.passed).count
        return "finished valid=\(report.isValid) self_test=\(passed)/\(tests.count) report=\(file.url.path)"
    }
}
