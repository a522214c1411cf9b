import CoreGraphics
import CoreML
import CoreVideo
import Foundation
import ImageIO
import Testing

@testable import EdgeVitKit

/// The unchanged actor against a scripted Core ML. One test at a time, as the script is global.
@Suite("EdgeVit", .serialized)
struct EdgeVitTests {
    init() async throws { try await Script.reset() }

    private let grey = CGImage(stub: [UInt8](repeating: 128, count: 3 * 40 * 30), width: 40, height: 30)

    @Test("predictions are ranked, and labels of any content survive")
    func classify() async throws {
        let model = try await EdgeVit()
        let labels = model.labels
        #expect(labels.count == model.info.output.classes)
        StubCoreML.predict = { _ in try Script.answer(labels, [0.1, 0.2, 0.4, 0.05, 0.25]) }
        let predictions = try await model.classify(grey, topK: 3)
        #expect(predictions.map(\.index) == [2, 4, 1])
        #expect(predictions.map(\.label) == [2, 4, 1].map { labels[$0] })
        #expect(predictions.map(\.probability) == [0.4, 0.25, 0.2])
    }

    @Test("the model receives Python's pixels, in the order of its pixel format")
    func pixels() async throws {
        let model = try await EdgeVit()
        let vector = try #require(
            Vectors.load("preprocessing", as: Vectors.Preprocessing.self).first {
                $0.targetWidth == 32 && $0.cropFraction == model.info.input.cropFraction && $0.orientation == 6
            })
        nonisolated(unsafe) var received: [UInt8] = []
        let labels = model.labels
        StubCoreML.predict = { input in
            let buffer = try #require(input.featureValue(for: "image")?.imageBufferValue)
            #expect(buffer.stubFormat == kCVPixelFormatType_32BGRA)
            for y in 0..<buffer.stubHeight {
                for x in 0..<buffer.stubWidth { received += try #require(buffer.stubPixel(x, y)) }
            }
            return try Script.answer(labels, [1, 0, 0, 0, 0])
        }
        let image = CGImage(stub: Array(vector.pixels), width: vector.width, height: vector.height)
        _ = try await model.classify(image, orientation: .right)
        let expected = Array(vector.expected)
        var bgra: [UInt8] = []
        for first in stride(from: 0, to: expected.count, by: 3) {
            bgra += [expected[first + 2], expected[first + 1], expected[first], 255]
        }
        #expect(received == bgra)
    }

    @Test("a grey image keeps its stored values")
    func monochrome() async throws {
        let model = try await EdgeVit()
        let labels = model.labels
        nonisolated(unsafe) var first: [UInt8]?
        StubCoreML.predict = { input in
            first = input.featureValue(for: "image")?.imageBufferValue?.stubPixel(5, 5)
            return try Script.answer(labels, [1, 0, 0, 0, 0])
        }
        let values = [UInt8](repeating: 77, count: 3 * 50 * 50)
        _ = try await model.classify(
            CGImage(stub: values, width: 50, height: 50, space: CGColorSpace(stub: .monochrome)))
        #expect(first == [77, 77, 77, 255])
    }

    @Test(
        "an image in a colour space that cannot be drawn into is converted",
        arguments: [
            CGColorSpace(stub: .cmyk), CGColorSpace(stub: .indexed), CGColorSpace(stub: .rgb, output: false), nil,
        ])
    func converted(space: CGColorSpace?) async throws {
        let model = try await EdgeVit()
        let labels = model.labels
        StubCoreML.predict = { _ in try Script.answer(labels, [1, 0, 0, 0, 0]) }
        let image = CGImage(stub: [UInt8](repeating: 1, count: 48), width: 4, height: 4, space: space)
        #expect(try await model.classify(image).count == labels.count)
    }

    @Test("the model is compiled once, then found by digest and system")
    func compiledOnce() async throws {
        let first = try await EdgeVit()
        let kept = try Script.cached()
        #expect(kept.count == 1)
        #expect(kept.first?.hasPrefix(first.info.artifact.sha256) == true)
        StubCoreML.compile = { _ in throw StubCoreML.Failure("compiled again") }
        let second = try await EdgeVit(configuration: .init(computeUnits: .cpuOnly))
        #expect(await second.isLoaded)
        #expect(await Journal.shared.loaded == [.all, .cpuOnly])
    }

    @Test("models of older versions are removed when a new one is compiled")
    func stale() async throws {
        let old = try Script.caches.appendingPathComponent("0000-17.0.0.mlmodelc")
        try FileManager.default.createDirectory(at: old, withIntermediateDirectories: true)
        _ = try await EdgeVit()
        #expect(try Script.cached().count == 1)
        #expect(!FileManager.default.fileExists(atPath: old.path))
    }

    @Test("calls that arrive while the model is loading wait for that one load")
    func coalesce() async throws {
        let model = try await EdgeVit()
        await model.unload()
        await Journal.shared.reset()
        StubCoreML.load = { _, units in
            try await Task.sleep(nanoseconds: 20_000_000)
            await Journal.shared.noteLoad(units)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try await model.load() } }
            try await group.waitForAll()
        }
        #expect(await Journal.shared.loaded.count == 1)
        #expect(await model.isLoaded)
    }

    @Test("a prediction after unload loads the model again")
    func reload() async throws {
        let model = try await EdgeVit()
        let labels = model.labels
        StubCoreML.predict = { _ in try Script.answer(labels, [1, 0, 0, 0, 0]) }
        await model.unload()
        #expect(await !model.isLoaded)
        _ = try await model.classify(grey)
        #expect(await model.isLoaded)
        #expect(await Journal.shared.loaded.count == 2)
    }

    @Test("a failed load says Core ML's reason, and the next one may succeed")
    func failedLoad() async throws {
        let model = try await EdgeVit()
        await model.unload()
        StubCoreML.load = { _, _ in throw StubCoreML.Failure("out of memory") }
        await #expect(throws: EdgeVitError.modelUnavailable("out of memory")) { try await model.load() }
        #expect(await model.placement.failures.count == 3)
        StubCoreML.load = { _, _ in }
        try await model.load()
        #expect(await model.isLoaded)
        #expect(await model.placement.used == .all)
    }

    @Test("a model that does not load for all processors is loaded for fewer, and says so")
    func fallback() async throws {
        StubCoreML.load = { _, units in
            await Journal.shared.noteLoad(units)
            if units == .all { throw StubCoreML.Failure("no engine") }
        }
        let model = try await EdgeVit()
        #expect(await Journal.shared.loaded == [.all, .cpuAndGPU])
        let placement = await model.placement
        #expect(placement.asked == .all)
        #expect(placement.used == .cpuAndGPU)
        #expect(placement.failures == [.init(units: .all, reason: "no engine")])
    }

    @Test("without fallback the choice stands")
    func strict() async throws {
        StubCoreML.load = { _, _ in throw StubCoreML.Failure("no engine") }
        await #expect(throws: EdgeVitError.modelUnavailable("no engine")) {
            _ = try await EdgeVit(configuration: .init(computeUnits: .cpuAndNeuralEngine, allowsFallback: false))
        }
    }

    @Test("a prediction that fails is tried again with fewer processors, until reload")
    func fallbackWhileRunning() async throws {
        let model = try await EdgeVit()
        let labels = model.labels
        nonisolated(unsafe) var calls = 0
        StubCoreML.predict = { _ in
            calls += 1
            if calls == 1 { throw StubCoreML.Failure("not in the background") }
            return try Script.answer(labels, [1, 0, 0, 0, 0])
        }
        #expect(try await model.classify(grey, topK: 1).map(\.index) == [0])
        #expect(await model.placement.used == .cpuAndGPU)
        #expect(await model.placement.failures.map(\.reason) == ["not in the background"])
        try await model.reload()
        #expect(await model.placement.used == .all)
        #expect(await model.placement.failures.isEmpty)
    }

    @Test("memory pressure unloads the model, unless the app decides")
    func memoryPressure() async throws {
        let model = try await EdgeVit()
        let pinned = try await EdgeVit(configuration: .init(unloadsUnderMemoryPressure: false))
        StubMemoryPressure.raise()
        while await model.isLoaded { await Task.yield() }
        #expect(await pinned.isLoaded)
    }

    @Test("a model that goes away stops listening", .timeLimit(.minutes(1)))
    func released() async throws {
        let before = StubMemoryPressure.current.count
        do {
            let model = try await EdgeVit()
            #expect(StubMemoryPressure.current.count == before + 1)
            await model.unload()
        }
        // The task that loaded the model may let go of it a moment later.
        while StubMemoryPressure.current.count != before { try await Task.sleep(nanoseconds: 1_000_000) }
    }

    @Test("camera frames give the same prediction input as images")
    func frames() async throws {
        let model = try await EdgeVit()
        let labels = model.labels
        nonisolated(unsafe) var seen: [[UInt8]?] = []
        StubCoreML.predict = { input in
            let buffer = input.featureValue(for: "image")?.imageBufferValue
            seen.append(buffer?.stubPixel(7, 9))
            return try Script.answer(labels, [1, 0, 0, 0, 0])
        }
        let values = (0..<3 * 40 * 50).map { UInt8($0 * 7 % 256) }
        _ = try await model.classify(CGImage(stub: values, width: 40, height: 50))
        _ = try await model.classify(CVBuffer(stub: values, width: 40, height: 50))
        #expect(seen.count == 2)
        #expect(seen[0] == seen[1])
        await #expect(throws: EdgeVitError.self) {
            try await model.classify(CVBuffer(stub: values, width: 40, height: 50, format: 0x3432_3066))
        }
    }

    @Test("a batch keeps its order")
    func batch() async throws {
        let model = try await EdgeVit()
        let labels = model.labels
        StubCoreML.predict = { input in
            let value = input.featureValue(for: "image")?.imageBufferValue?.stubPixel(0, 0)?.first ?? 0
            return try Script.answer(labels, (0..<5).map { $0 == Int(value) ? 1 : 0 })
        }
        let images = [3, 0, 4, 1].map {
            CGImage(stub: [UInt8](repeating: $0, count: 3 * 36 * 36), width: 36, height: 36)
        }
        #expect(try await model.classify(images, topK: 1).map { $0.map(\.index) } == [[3], [0], [4], [1]])
        #expect(try await model.classify([], topK: 1).isEmpty)
    }

    @Test("a compiled model that loads for no processor is compiled again at the next attempt")
    func damagedCache() async throws {
        let model = try await EdgeVit()
        let entry = try Script.caches.appendingPathComponent(try #require(Script.cached().first))
        try Data("damaged".utf8).write(to: entry.appendingPathComponent("note"))
        await model.unload()
        StubCoreML.load = { url, _ in
            let note = try String(contentsOf: url.appendingPathComponent("note"), encoding: .utf8)
            if note == "damaged" { throw StubCoreML.Failure("cannot be read") }
        }
        await #expect(throws: EdgeVitError.modelUnavailable("cannot be read")) { try await model.load() }
        #expect(try Script.cached().isEmpty)
        try await model.load()
        #expect(await model.isLoaded)
    }

    @Test("a compiled model that was shipped is loaded as it is")
    func shipped() async throws {
        let shipped = try ModelPackage.folder().appendingPathComponent("EdgeVitModel.mlmodelc")
        try FileManager.default.createDirectory(at: shipped, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: shipped) }
        nonisolated(unsafe) var loaded: [String] = []
        StubCoreML.load = { url, _ in loaded.append(url.lastPathComponent) }
        StubCoreML.compile = { _ in throw StubCoreML.Failure("compiled all the same") }
        _ = try await EdgeVit()
        #expect(loaded == ["EdgeVitModel.mlmodelc"])
    }

    @Test("a model that does not compile is an error, and nothing is kept")
    func failedCompile() async throws {
        StubCoreML.compile = { _ in throw StubCoreML.Failure("bad model") }
        await #expect(throws: EdgeVitError.modelUnavailable("bad model")) { _ = try await EdgeVit() }
        #expect(!FileManager.default.fileExists(atPath: try Script.caches.path))
    }

    @Test("a prediction that fails on every processor says Core ML's reason, and the next one starts afresh")
    func failedPrediction() async throws {
        let model = try await EdgeVit()
        await #expect(throws: EdgeVitError.predictionFailed("no answer scripted")) {
            try await model.classify(grey)
        }
        #expect(await model.placement.failures.map(\.units) == [.all, .cpuAndGPU, .cpuOnly])
        let labels = model.labels
        StubCoreML.predict = { _ in try Script.answer(labels, [1, 0, 0, 0, 0]) }
        #expect(try await model.classify(grey).count == 5)
        #expect(await model.placement.used == .all)
    }

    @Test("a cancelled task does not run the model")
    func cancelled() async throws {
        let model = try await EdgeVit()
        StubCoreML.predict = { _ in throw StubCoreML.Failure("the model ran") }
        let task = Task { [grey] in
            while !Task.isCancelled { await Task.yield() }
            return try await model.classify(grey)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await model.isLoaded)
    }

    @Test("an answer that the configuration does not describe is an error")
    func unexpected() async throws {
        let model = try await EdgeVit()
        StubCoreML.predict = { _ in try MLDictionaryFeatureProvider(dictionary: [:]) }
        await #expect(throws: EdgeVitError.unexpectedOutput("no dictionary of probabilities")) {
            try await model.classify(grey)
        }
        StubCoreML.predict = { _ in try Script.answer(["other"], [1]) }
        await #expect(throws: EdgeVitError.unexpectedOutput("no probability for a label")) {
            try await model.classify(grey)
        }
        let labels = model.labels
        StubCoreML.predict = { _ in try Script.answer(labels, [.nan, 0, 0, 0, 0]) }
        await #expect(throws: EdgeVitError.unexpectedOutput("a score that is not a finite number")) {
            try await model.classify(grey)
        }
    }

    @Test("a call for another head is refused before the model runs")
    func wrongHead() async throws {
        let model = try await EdgeVit()
        await #expect(throws: EdgeVitError.wrongHead(needed: "embedding", built: "probabilities")) {
            try await model.embedding(of: grey)
        }
        await #expect(throws: EdgeVitError.wrongHead(needed: "features", built: "probabilities")) {
            try await model.features(of: grey)
        }
    }

    private struct Photo: Decodable {
        let name: String
        let width: Int
        let height: Int
        let pixels: Data
    }

    /// Scripts the decoder with the package's photographs, and the model with PyTorch's answers in their order.
    ///
    /// - Parameter repeating: Whether the answers go on from the start for further predictions.
    static func scriptPhotographs(_ labels: [String], repeating: Bool = false) throws {
        for photo in try Vectors.load("photos", as: Photo.self) {
            StubPNG.decoded["\(photo.name).png"] = CGImage(
                stub: Array(photo.pixels), width: photo.width, height: photo.height)
        }
        let golden = try Golden(json: Vectors.data("sample-golden"))
        nonisolated(unsafe) var answers = golden.photos.map { $0.outputs[0].values }
        StubCoreML.predict = { _ in
            let answer = answers.removeFirst()
            if repeating { answers.append(answer) }
            return try Script.answer(labels, answer)
        }
    }

    @Test("the self-test passes for the package's own way from an image to pixels")
    func selfTest() async throws {
        let model = try await EdgeVit()
        try Self.scriptPhotographs(model.labels)
        let results = try await model.selfTest()
        #expect(results.map(\.photo) == ["astronaut", "coffee"])
        #expect(results.map(\.passed) == [true, true])
    }

    @Test("the self-test names an app's mistake")
    func selfTestMistake() async throws {
        let model = try await EdgeVit()
        try Self.scriptPhotographs(model.labels)
        let preprocessor = Preprocessor(model.info.input)
        let results = try await model.selfTest { image -> RGBImage in
            let right = preprocessor(try RGBImage(image))
            var swapped = right.values
            for first in stride(from: 0, to: swapped.count, by: 3) { swapped.swapAt(first, first + 2) }
            return try RGBImage(width: right.width, height: right.height, values: swapped)
        }
        #expect(results.map(\.mistake) == [.bgr, .bgr])
        #expect(results.map(\.passed) == [false, false])
    }

    @Test("pixels of the wrong size are a failed test, not a crash")
    func selfTestSize() async throws {
        let model = try await EdgeVit()
        try Self.scriptPhotographs(model.labels)
        let results = try await model.selfTest { image -> RGBImage in try RGBImage(image) }
        #expect(results.count == 2)
        #expect(results.map(\.sameAnswer) == [false, false])
    }

    @Test("photographs that were removed are missing by name")
    func selfTestWithoutPhotographs() async throws {
        let model = try await EdgeVit()
        StubPNG.decoded = [:]
        await #expect(throws: EdgeVitError.missingResource("photos/astronaut.png")) { try await model.selfTest() }
    }

    @Test("untrained weights are known")
    func trained() async throws {
        #expect(try await !EdgeVit().weightsAreTrained)
    }
}
