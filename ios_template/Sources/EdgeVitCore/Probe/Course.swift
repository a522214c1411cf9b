import Foundation

/// One run of a plan in progress.
struct Course<Model: ProbeModel, Device: ProbeDevice> {
    let model: Model
    let device: Device
    var report: ProbeReport
    /// The device's clock when the probe began, in nanoseconds.
    let origin: Int
    private var series = SampleSeries()
    /// Sum of the series' durations, in nanoseconds.
    private var measured = 0

    init(model: Model, device: Device, report: ProbeReport, origin: Int) {
        (self.model, self.device, self.report, self.origin) = (model, device, report, origin)
    }

    private struct NoProcessorLeft: Error {}
    private struct OutOfMemory: Error {}

    /// Loads the model for the first choice of processors that works.
    mutating func load() async throws {
        while let units = report.placement.candidate {
            try Task.checkCancellation()
            do {
                let model = model
                report.load = try await timed { try await model.load(units) }
                return report.placement.succeed()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                await fail(error)
            }
        }
        throw NoProcessorLeft()
    }

    mutating func firstRun() async throws {
        report.first = try await run()
    }

    mutating func prepareImages() async throws {
        let model = model
        for _ in 0..<report.plan.preparations {
            try Task.checkCancellation()
            report.preparations.append(try await timed { try await model.prepare() })
        }
    }

    /// Runs the model without measuring; from the start again when the processors change meanwhile.
    mutating func warmUp() async throws {
        var warm: ComputeUnits?
        while warm != report.placement.used {
            warm = report.placement.used
            for _ in 0..<report.plan.warmUp { _ = try await run() }
        }
    }

    mutating func measure() async throws {
        defer { (report.samples, report.runs, report.sampleStride) = (series.samples, series.runs, series.stride) }
        while series.runs < report.plan.minimumRuns || measured < report.plan.minimumDuration {
            if try await handleEvents() { continue }
            let used = report.placement.used
            let start = await elapsed()
            let duration = try await run()
            guard report.placement.used == used else {
                try await warmUp()
                continue
            }
            series.add(ProbeSample(start: start, duration: duration, conditions: await device.conditions()))
            measured += duration
        }
    }

    /// Notes what ended the run.
    mutating func note(_ error: any Error) async {
        switch error {
        case is CancellationError: report.events.append(ProbeEvent(at: await elapsed(), kind: .cancelled))
        case is NoProcessorLeft, is OutOfMemory: break
        default: report.events.append(ProbeEvent(at: await elapsed(), kind: .failed, detail: "\(error)"))
        }
    }

    /// Returns true when something happened that the model had to be made ready again for.
    private mutating func handleEvents() async throws -> Bool {
        let kinds = await device.events()
        for kind in kinds {
            report.events.append(ProbeEvent(at: await elapsed(), kind: kind))
        }
        if kinds.contains(.memoryWarning) { try await reloadOnce() }
        if kinds.contains(.background) { try await device.foreground() }
        if !kinds.isEmpty { try await warmUp() }
        return !kinds.isEmpty
    }

    /// Gives the memory back and tries again; the second warning ends the probe.
    private mutating func reloadOnce() async throws {
        await model.unload()
        guard report.events.filter({ $0.kind == .memoryWarning }).count == 1 else { throw OutOfMemory() }
        try await load()
    }

    /// Runs the model once, with fewer processors where it fails, and returns the nanoseconds of the run that worked.
    private mutating func run() async throws -> Int {
        while true {
            try Task.checkCancellation()
            do {
                let model = model
                return try await timed { try await model.run() }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                await fail(error)
                try await load()
            }
        }
    }

    /// Moves on to fewer processors; what was measured on the others does not belong to the same series.
    private mutating func fail(_ error: any Error) async {
        report.discarded += series.runs
        series = SampleSeries()
        measured = 0
        let reason = error.localizedDescription
        report.placement.fail(reason)
        report.events.append(ProbeEvent(at: await elapsed(), kind: .failed, detail: reason))
    }

    private func elapsed() async -> Int { await device.now() - origin }

    private func timed(_ body: @Sendable () async throws -> Void) async throws -> Int {
        let start = await device.now()
        try await body()
        return await device.now() - start
    }
}
