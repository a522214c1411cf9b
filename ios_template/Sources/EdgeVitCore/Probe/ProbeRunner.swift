/// The model as a probe sees it.
public protocol ProbeModel: Sendable {
    /// Loads the model for these processors; a loaded one is replaced.
    func load(_ units: ComputeUnits) async throws
    /// Makes one image ready, without running the model.
    func prepare() async throws
    /// Runs the model once on a prepared image.
    func run() async throws
    func unload() async
    /// What the system plans for each operation on these processors; nil where it does not tell.
    func operations(_ units: ComputeUnits) async -> [PlannedOperation]?
}

/// The device as a probe sees it.
public protocol ProbeDevice: Sendable {
    /// Nanoseconds of a clock that never goes back.
    func now() async -> Int
    func conditions() async -> Conditions
    /// What happened since the last call: `background` or `memoryWarning`.
    func events() async -> [ProbeEvent.Kind]
    /// Returns when the app is in the foreground; throws when the task is cancelled.
    func foreground() async throws
}

/// Runs a plan, whatever the device does meanwhile, and reports what was measured.
///
/// It never throws: what went wrong is in the report. A partial report is handed out after every phase, so that the
/// end of the process loses one phase at most.
///
/// ```
/// load --> first run --> preparations --> warm-up --> measure --> done
///  ^ |                                      ^  |         |
///  | +- failed: fewer processors            |  +---------+-- background: wait, then warm up again
///  +--- run failed, memory warning ---------+
/// ```
public struct ProbeRunner<Model: ProbeModel, Device: ProbeDevice>: Sendable {
    private let model: Model
    private let device: Device

    public init(model: Model, device: Device) {
        self.model = model
        self.device = device
    }

    /// - Parameters:
    ///   - report: An empty report of the plan.
    ///   - onPhase: Receives the report after every phase.
    public func run(
        _ report: ProbeReport, onPhase: @Sendable (ProbeReport) async -> Void = { _ in }
    ) async -> ProbeReport {
        var course = Course(model: model, device: device, report: report, origin: await device.now())
        let steps: [(ProbeReport.Phase, Step)] = [
            (.loaded, { try await $0.load() }),
            (.first, { try await $0.firstRun() }),
            (.prepared, { try await $0.prepareImages() }),
            (.warm, { try await $0.warmUp() }),
            (.measured, { try await $0.measure() }),
        ]
        for (phase, step) in steps {
            do {
                try await step(&course)
            } catch {
                await course.note(error)
                break
            }
            course.report.phase = phase
            await onPhase(course.report)
        }
        await model.unload()
        // Last, since making a plan loads the model once more.
        if course.report.phase == .measured, let used = course.report.placement.used {
            course.report.operations = await model.operations(used)
        }
        return course.report
    }

    private typealias Step = (inout Course<Model, Device>) async throws -> Void
}
