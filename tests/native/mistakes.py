"""Mistakes that a change to the Swift package could make; each must be refused by a type check."""

from __future__ import annotations

from dataclasses import dataclass

_IOS = "x86_64-apple-ios15.0-simulator"
_APP_IOS = "x86_64-apple-ios16.0-simulator"


@dataclass(frozen=True)
class Mistake:
    """One edit of one source file, and what the compiler must say about it.

    Attributes:
        name: For the test's id.
        file: Path in the package.
        old: Text to replace, once.
        new: Its replacement.
        says: Part of the compiler's message.
        platform: Which type check catches it.
    """

    name: str
    file: str
    old: str
    new: str
    says: str
    platform: str = "linux"


MISTAKES = (
    Mistake(
        "string for URL",
        "Sources/EdgeVitKit/ModelLoader.swift",
        "contentsOf: compiled(package),",
        "contentsOf: compiled(package).path,",
        "cannot convert value of type 'String'",
    ),
    Mistake(
        "missing try",
        "Sources/EdgeVitKit/EdgeVit.swift",
        "return try model.prediction",
        "return model.prediction",
        "call can throw but is not marked with 'try'",
    ),
    Mistake(
        "missing await",
        "Sources/EdgeVitKit/ModelLoader.swift",
        "try await MLModel.load",
        "try MLModel.load",
        "expression is 'async' but is not marked with 'await'",
    ),
    Mistake(
        "misspelt case",
        "Sources/EdgeVitKit/Configuration.swift",
        "case .cpuAndGPU: return .cpuAndGPU",
        "case .cpuAndGPU: return .gpu",
        "type 'MLComputeUnits' has no member 'gpu'",
    ),
    Mistake(
        "wrong label",
        "Sources/EdgeVitKit/EdgeVit.swift",
        "MLFeatureValue(pixelBuffer:",
        "MLFeatureValue(buffer:",
        "incorrect argument label",
    ),
    Mistake(
        "optional not unwrapped",
        "Sources/EdgeVitKit/Outputs.swift",
        "guard let found = provider.featureValue(for: name)?.multiArrayValue else",
        "let found = provider.featureValue(for: name)?.multiArrayValue; if false",
        "must be unwrapped",
    ),
    Mistake(
        "pixel buffer not unlocked by name",
        "Sources/EdgeVitKit/ImageConversion.swift",
        "CVPixelBufferUnlockBaseAddress(buffer, flags)",
        "CVPixelBufferUnlockBaseAddress(buffer)",
        "missing argument for parameter #2",
    ),
    Mistake(
        "alpha passed without its raw value",
        "Sources/EdgeVitKit/ImageConversion.swift",
        "bitmapInfo: alpha.rawValue",
        "bitmapInfo: alpha",
        "cannot convert value of type 'CGImageAlphaInfo'",
    ),
    Mistake(
        "half-precision array read as it lies",
        "Sources/EdgeVitKit/Outputs.swift",
        "MLShapedArray<Float>(converting: found)",
        "MLShapedArray<Float16>(converting: found)",
        "'Float16' does not conform to",
    ),
    Mistake(
        "switch not exhaustive",
        "Sources/EdgeVitCore/EdgeVitError.swift",
        '        case .modelUnavailable: "Check the device\'s iOS version and free space, then try again."\n',
        "",
        "switch must be exhaustive",
    ),
    Mistake(
        "model handed out of the actor",
        "Sources/EdgeVitKit/EdgeVit.swift",
        "public var isLoaded: Bool { model != nil }",
        "public var isLoaded: Bool { model != nil }\n    nonisolated func leak() async -> MLModel? { await model }",
        "non-sendable type",
    ),
    Mistake(
        "actor state read from outside",
        "Sources/EdgeVitKit/EdgeVit.swift",
        "public nonisolated var weightsAreTrained: Bool { info.weights.trained }",
        "public nonisolated var weightsAreTrained: Bool { model != nil }",
        "actor-isolated property 'model'",
    ),
    Mistake(
        "model not sent but shared",
        "Sources/EdgeVitKit/ModelLoader.swift",
        "async throws -> sending MLModel",
        "async throws -> MLModel",
        "non-sendable type 'MLModel'",
    ),
    Mistake(
        "shared mutable state",
        "Sources/EdgeVitCore/Ranking.swift",
        "public enum Ranking {",
        "public enum Ranking {\n    static var calls = 0",
        "is not concurrency-safe",
    ),
    Mistake(
        "result that cannot cross actors",
        "Sources/EdgeVitCore/OutputArray.swift",
        "public struct OutputArray: Sendable, Hashable {",
        "public final class OutputArray: Sendable {\n    var late = 0",
        "stored property 'late' of 'Sendable'-conforming class",
    ),
    Mistake(
        "asynchronous prediction on iOS 15",
        "Sources/EdgeVitKit/EdgeVit.swift",
        "    private func loadFirstThatWorks() async throws {",
        "    private func late(_ input: any MLFeatureProvider) async throws {\n"
        "        _ = try await MLModel().prediction(from: input)\n"
        "    }\n\n    private func loadFirstThatWorks() async throws {",
        "is only available in iOS 17.0 or newer",
        _IOS,
    ),
    Mistake(
        "asynchronous compilation on iOS 15",
        "Sources/EdgeVitKit/CompiledModelCache.swift",
        "guard #available(iOS 16, macOS 13, *) else { return try compileBlocking(package) }",
        "",
        "no 'async' operations occur within 'await' expression",
        _IOS,
    ),
    Mistake(
        "compute units newer than the target",
        "Sources/EdgeVitKit/Configuration.swift",
        "case .cpuAndGPU: return .cpuAndGPU",
        "case .cpuAndGPU: return .cpuAndNeuralEngine",
        "is only available in iOS 16.0 or newer",
        _IOS,
    ),
    Mistake(
        "clock newer than the target",
        "Sources/EdgeVitCore/Ranking.swift",
        "        guard let peak = logits.max() else { return [] }",
        "        _ = ContinuousClock()\n        guard let peak = logits.max() else { return [] }",
        "is only available in iOS 16.0 or newer",
        _IOS,
    ),
    Mistake(
        "UIKit off the main actor",
        "Sources/EdgeVitKit/Probe/ProbedDevice.swift",
        "let level = await MainActor.run { UIDevice.current.batteryLevel }",
        "let level = UIDevice.current.batteryLevel",
        "expression is 'async' but is not marked with 'await'",
        _IOS,
    ),
    Mistake(
        "URL for a file name",
        "Sources/EdgeVitKit/SelfTest/SelfTest.swift",
        "CGDataProvider(filename: file.path)",
        "CGDataProvider(filename: file)",
        "cannot convert value of type 'URL'",
    ),
    Mistake(
        "probe's model shared between tasks",
        "Sources/EdgeVitKit/Probe/ProbedModel.swift",
        "actor ProbedModel: ProbeModel {",
        "final class ProbedModel: ProbeModel {",
        "stored property 'pixels' of 'Sendable'-conforming class",
    ),
    Mistake(
        "new heat state not expected",
        "Sources/EdgeVitKit/Probe/ProbedDevice.swift",
        "        @unknown default: self = .critical\n",
        "",
        "switch covers known cases, but",
    ),
    Mistake(
        "asynchronous prediction inside the actor",
        "Sources/EdgeVitKit/EdgeVit.swift",
        "    private func loadFirstThatWorks() async throws {",
        "    private func late(_ input: any MLFeatureProvider) async throws {\n"
        "        if let model { _ = try await model.prediction(from: input) }\n"
        "    }\n\n    private func loadFirstThatWorks() async throws {",
        "non-sendable type 'any MLFeatureProvider' returned by implicitly asynchronous call",
    ),
    Mistake(
        "compute plan on iOS 15",
        "Sources/EdgeVitKit/Probe/ProbedModel.swift",
        "        guard #available(iOS 17.4, macOS 14.4, *) else { return nil }\n",
        "",
        "is only available in iOS 17.4 or newer",
        _IOS,
    ),
    Mistake(
        "processor that the system may add",
        "Sources/EdgeVitKit/Probe/ComputePlan.swift",
        "        @unknown default: self = .other\n",
        "",
        "switch covers known cases, but",
    ),
    Mistake(
        "view newer than the app's target",
        "Bench/SelfTestScreen.swift",
        'ProgressView("Testing")',
        'ContentUnavailableView("Testing", systemImage: "clock")',
        "is only available in iOS 17.0 or newer",
        _APP_IOS,
    ),
    Mistake(
        "label as a localized key",
        "Bench/ClassifyScreen.swift",
        "Text(verbatim: prediction.label)",
        "Text(LocalizedStringKey(prediction.label))",
        "LocalizedStringKey",
    ),
    Mistake(
        "label inside a localized key",
        "Bench/ClassifyScreen.swift",
        "Text(verbatim: prediction.label)",
        'Text("\\(prediction.label)")',
        "missing argument label 'verbatim:'",
    ),
    Mistake(
        "label as a key by its type",
        "Bench/ClassifyScreen.swift",
        "Text(verbatim: prediction.label)",
        "Text(prediction.label)",
        "missing argument label 'verbatim:'",
    ),
    Mistake(
        "camera session used from two sides",
        "Bench/Camera.swift",
        "Task { await self?.stop() }",
        "self?.session.stopRunning()",
        "actor-isolated property 'session'",
    ),
    Mistake(
        "camera session captured by what runs elsewhere",
        "Bench/Camera.swift",
        "{ [weak self] _ in\n            Task { await self?.stop() }",
        "{ [session] _ in\n            session.stopRunning()",
        "capture of 'session' with non-sendable type 'AVCaptureSession'",
    ),
    Mistake(
        "state changed off the main actor",
        "Bench/ProbeScreen.swift",
        "{ await show($0) }",
        "{ show($0) }",
        "expression is 'async' but is not marked with 'await'",
    ),
    Mistake(
        "text where a number is plotted",
        "Bench/ProbeScreen.swift",
        'BarMark(x: .value("ms", bin.milliseconds)',
        'BarMark(x: .value("ms", bin)',
        "requires that 'Histogram.Bin' conform to 'Plottable'",
    ),
    Mistake(
        "orientation left out",
        "Bench/ClassifyScreen.swift",
        "        case .rightMirrored: self = .rightMirrored\n        @unknown default: self = .up\n",
        "        @unknown default: self = .up\n",
        "switch must be exhaustive",
    ),
    Mistake(
        "test waits inside a task",
        "BenchTests/ModelTests.swift",
        "            done.fulfill()\n        }\n        wait(for: [done], timeout: Self.patience)\n",
        "            wait(for: [done], timeout: Self.patience)\n        }\n",
        "is unavailable from asynchronous contexts",
    ),
)
