import Charts
import EdgeVitKit
import SwiftUI

/// Measures the model and shows the figures with their reasons.
struct ProbeScreen: View {
    let model: EdgeVit

    private let file = ReportFile()
    @State private var layout = ProbePlan.Layout.standard
    @State private var units = ComputeUnits.all
    @State private var minutes = 10
    @State private var running: Task<Void, Never>?
    @State private var report: ProbeReport?
    @State private var problem: String?

    var body: some View {
        NavigationStack {
            List {
                Section("Plan") { plan }
                if let problem { Text(verbatim: problem).foregroundStyle(Color.red) }
                if let report { ReportSections(report: report) }
                if report?.phase == .measured { ShareLink("Share the report", item: file.url) }
            }
            .navigationTitle("Measure")
        }
    }

    @ViewBuilder private var plan: some View {
        Picker("Protocol", selection: $layout) {
            ForEach(ProbePlan.Layout.allCases, id: \.self) { Text(verbatim: $0.rawValue).tag($0) }
        }
        Picker("Processors", selection: $units) {
            ForEach(ComputeUnits.allCases, id: \.self) { Text(verbatim: $0.rawValue).tag($0) }
        }
        if layout == .sustained { Stepper("Minutes", value: $minutes, in: 1...60) }
        if running == nil {
            Button("Measure") { start() }
        } else {
            HStack {
                ProgressView("Measuring; keep the app in front")
                Button("Stop") { running?.cancel() }
            }
        }
    }

    private func start() {
        let plan = ProbePlan.plan(layout, minutes: minutes, units)
        problem = nil
        running = Task {
            await Awake.during { await measure(plan) }
            running = nil
        }
    }

    private func measure(_ plan: ProbePlan) async {
        // Two copies in memory would not be what an app's user meets.
        await model.unload()
        do {
            let done = try await Probe().run(plan) { await show($0) }
            report = done
            try file.write(done)
        } catch {
            problem = error.advice
        }
    }

    private func show(_ partial: ProbeReport) {
        report = partial
        try? file.write(partial)
    }
}

private struct ReportSections: View {
    let report: ProbeReport

    var body: some View {
        Section("Latency") {
            if let figures = report.statistics {
                row("p50", figures.p50.asMilliseconds)
                row("p90", figures.p90.asMilliseconds)
                row("p99", figures.p99.asMilliseconds)
                row("mean", figures.mean.asMilliseconds)
                row("runs", String(figures.count))
            }
            if let modelbench = report.modelbench { row("modelbench", modelbench.asMilliseconds) }
            if let load = report.load { row("load", load.asMilliseconds) }
            if let first = report.first { row("first run", first.asMilliseconds) }
            row("processors", report.placement.used?.rawValue ?? "none")
            ForEach(report.placement.failures, id: \.self) { row($0.units.rawValue, $0.reason) }
        }
        if let operations = report.operations {
            Section("Operations, as the system plans them") {
                ForEach(Placements(operations).shares) { row($0.processor.rawValue, $0.description) }
            }
        }
        if !report.samples.isEmpty { ReportCharts(report: report) }
        if report.phase == .measured {
            Section("Valid") {
                if report.isValid { Text("Yes: the figures can be compared.") }
                ForEach(report.invalidReasons, id: \.self) { Text(verbatim: $0.rawValue) }
            }
        }
    }

    private func row(_ name: String, _ value: String) -> some View {
        HStack {
            Text(verbatim: name)
            Spacer()
            Text(verbatim: value)
        }
    }
}

private struct ReportCharts: View {
    let report: ProbeReport

    var body: some View {
        Section("How often each latency was met, ms") {
            Chart(Histogram(nanoseconds: report.samples.map(\.duration)).bins) { bin in
                BarMark(x: .value("ms", bin.milliseconds), y: .value("runs", bin.runs))
            }
        }
        Section("Median latency along the time, ms, and heat") {
            Chart(Timeline(report.samples).slices) { slice in
                LineMark(x: .value("s", slice.seconds), y: .value("ms", slice.milliseconds))
                PointMark(x: .value("s", slice.seconds), y: .value("ms", slice.milliseconds))
                    .foregroundStyle(by: .value("heat", slice.thermal.rawValue))
            }
        }
    }
}
