"""Mistakes that a change to the Swift package could make; each must be refused by a type check."""

from __future__ import annotations

from dataclasses import dataclass

_IOS = "x86_64-apple-ios15.0-simulator"


@dataclass(frozen=True)
class Mistake:
    """One edit of one source file, and what the compiler must say about it.

    Attributes:
        name: For the test's id.
        file: Path below ``Sources``.
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
        "EdgeVitKit/ModelLoader.swift",
        "contentsOf: compiled,",
        "contentsOf: compiled.path,",
        "cannot convert value of type 'String'",
    ),
    Mistake(
        "missing try",
        "EdgeVitKit/EdgeVit.swift",
        "return try model.prediction",
        "return model.prediction",
        "call can throw but is not marked with 'try'",
    ),
    Mistake(
        "missing await",
        "EdgeVitKit/ModelLoader.swift",
        "try await MLModel.load",
        "try MLModel.load",
        "expression is 'async' but is not marked with 'await'",
    ),
    Mistake(
        "misspelt case",
        "EdgeVitKit/Configuration.swift",
        "case .cpuAndGPU: return .cpuAndGPU",
        "case .cpuAndGPU: return .gpu",
        "type 'MLComputeUnits' has no member 'gpu'",
    ),
    Mistake(
        "wrong label",
        "EdgeVitKit/EdgeVit.swift",
        "MLFeatureValue(pixelBuffer:",
        "MLFeatureValue(buffer:",
        "incorrect argument label",
    ),
    Mistake(
        "optional not unwrapped",
        "EdgeVitKit/Outputs.swift",
        "guard let found = provider.featureValue(for: name)?.multiArrayValue else",
        "let found = provider.featureValue(for: name)?.multiArrayValue; if false",
        "must be unwrapped",
    ),
    Mistake(
        "pixel buffer not unlocked by name",
        "EdgeVitKit/ImageConversion.swift",
        "CVPixelBufferUnlockBaseAddress(buffer, flags)",
        "CVPixelBufferUnlockBaseAddress(buffer)",
        "missing argument for parameter #2",
    ),
    Mistake(
        "alpha passed without its raw value",
        "EdgeVitKit/ImageConversion.swift",
        "bitmapInfo: alpha.rawValue",
        "bitmapInfo: alpha",
        "cannot convert value of type 'CGImageAlphaInfo'",
    ),
    Mistake(
        "half-precision array read as it lies",
        "EdgeVitKit/Outputs.swift",
        "MLShapedArray<Float>(converting: found)",
        "MLShapedArray<Float16>(converting: found)",
        "'Float16' does not conform to",
    ),
    Mistake(
        "switch not exhaustive",
        "EdgeVitCore/EdgeVitError.swift",
        '        case .modelUnavailable: "Check the device\'s iOS version and free space, then try again."\n',
        "",
        "switch must be exhaustive",
    ),
    Mistake(
        "model handed out of the actor",
        "EdgeVitKit/EdgeVit.swift",
        "public var isLoaded: Bool { model != nil }",
        "public var isLoaded: Bool { model != nil }\n    nonisolated func leak() async -> MLModel? { await model }",
        "non-sendable type",
    ),
    Mistake(
        "actor state read from outside",
        "EdgeVitKit/EdgeVit.swift",
        "public nonisolated var weightsAreTrained: Bool { info.weights.trained }",
        "public nonisolated var weightsAreTrained: Bool { model != nil }",
        "actor-isolated property 'model'",
    ),
    Mistake(
        "model not sent but shared",
        "EdgeVitKit/ModelLoader.swift",
        "async throws -> sending MLModel",
        "async throws -> MLModel",
        "non-sendable type 'MLModel'",
    ),
    Mistake(
        "shared mutable state",
        "EdgeVitCore/Ranking.swift",
        "public enum Ranking {",
        "public enum Ranking {\n    static var calls = 0",
        "is not concurrency-safe",
    ),
    Mistake(
        "result that cannot cross actors",
        "EdgeVitCore/OutputArray.swift",
        "public struct OutputArray: Sendable, Hashable {",
        "public final class OutputArray: Sendable {\n    var late = 0",
        "stored property 'late' of 'Sendable'-conforming class",
    ),
    Mistake(
        "asynchronous prediction on iOS 15",
        "EdgeVitKit/EdgeVit.swift",
        "    private func loadFirstThatWorks() async throws {",
        "    private func late(_ input: any MLFeatureProvider) async throws {\n"
        "        _ = try await MLModel().prediction(from: input)\n"
        "    }\n\n    private func loadFirstThatWorks() async throws {",
        "is only available in iOS 17.0 or newer",
        _IOS,
    ),
    Mistake(
        "asynchronous compilation on iOS 15",
        "EdgeVitKit/CompiledModelCache.swift",
        "guard #available(iOS 16, macOS 13, *) else { return try compileBlocking(package) }",
        "",
        "no 'async' operations occur within 'await' expression",
        _IOS,
    ),
    Mistake(
        "compute units newer than the target",
        "EdgeVitKit/Configuration.swift",
        "case .cpuAndGPU: return .cpuAndGPU",
        "case .cpuAndGPU: return .cpuAndNeuralEngine",
        "is only available in iOS 16.0 or newer",
        _IOS,
    ),
    Mistake(
        "clock newer than the target",
        "EdgeVitCore/Ranking.swift",
        "        guard let peak = logits.max() else { return [] }",
        "        _ = ContinuousClock()\n        guard let peak = logits.max() else { return [] }",
        "is only available in iOS 16.0 or newer",
        _IOS,
    ),
    Mistake(
        "UIKit off the main actor",
        "EdgeVitKit/Probe/ProbedDevice.swift",
        "let level = await MainActor.run { UIDevice.current.batteryLevel }",
        "let level = UIDevice.current.batteryLevel",
        "expression is 'async' but is not marked with 'await'",
        _IOS,
    ),
    Mistake(
        "URL for a file name",
        "EdgeVitKit/SelfTest/SelfTest.swift",
        "CGDataProvider(filename: file.path)",
        "CGDataProvider(filename: file)",
        "cannot convert value of type 'URL'",
    ),
    Mistake(
        "probe's model shared between tasks",
        "EdgeVitKit/Probe/ProbedModel.swift",
        "actor ProbedModel: ProbeModel {",
        "final class ProbedModel: ProbeModel {",
        "stored property 'pixels' of 'Sendable'-conforming class",
    ),
    Mistake(
        "new heat state not expected",
        "EdgeVitKit/Probe/ProbedDevice.swift",
        "        @unknown default: self = .critical\n",
        "",
        "switch covers known cases, but",
    ),
)
