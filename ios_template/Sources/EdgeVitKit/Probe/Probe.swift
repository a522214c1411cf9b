import EdgeVitCore
import Foundation

/// Measures this package's model on this device, and says whether the figures can be trusted.
///
/// ```swift
/// let report = try await Probe().run(.standard())
/// print(report.statistics?.p50 ?? 0, report.invalidReasons)
/// ```
///
/// Keep the app in the foreground and the device unplugged and cool; what happens all the same is in the report.
public struct Probe: Sendable {
    public init() {}

    /// Runs a plan to its end, or to the task's cancellation.
    ///
    /// The caller's task priority is the probe's, and is in the report.
    ///
    /// - Parameters:
    ///   - plan: What to measure and for how long.
    ///   - onPhase: Receives the report after every phase, for example to write it to a file.
    /// - Throws: ``EdgeVitError``, where the package is damaged; what goes wrong later is in the report.
    public func run(
        _ plan: ProbePlan, onPhase: @Sendable (ProbeReport) async -> Void = { _ in }
    ) async throws -> ProbeReport {
        let package = try ModelPackage()
        let model = try ProbedModel(package)
        let device = await ProbedDevice()
        let report = ProbeReport(
            subject: Self.subject(package.info), plan: plan, startedAt: Int(Date().timeIntervalSince1970))
        return await ProbeRunner(model: model, device: device).run(report, onPhase: onPhase)
    }

    private static func subject(_ info: ModelInfo) -> ProbeSubject {
        ProbeSubject(
            model: info.model.id, sha256: info.artifact.sha256, device: machine(),
            system: ProcessInfo.processInfo.operatingSystemVersionString, optimized: isOptimized,
            weightsAreTrained: info.weights.trained, priority: Int(Task.currentPriority.rawValue))
    }

    /// The hardware's identifier, for example `iPhone15,2`.
    private static func machine() -> String {
        var system = utsname()
        guard uname(&system) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &system.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static var isOptimized: Bool {
        #if DEBUG
            false
        #else
            true
        #endif
    }
}
