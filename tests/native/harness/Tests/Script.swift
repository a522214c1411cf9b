import CoreML
import CoreVideo
import EdgeVitKit
import Foundation

/// What the scripted Core ML was asked to do, in order.
actor Journal {
    static let shared = Journal()
    private(set) var compiled = 0
    private(set) var loaded: [MLComputeUnits] = []

    func reset() { (compiled, loaded) = (0, []) }
    func noteCompile() { compiled += 1 }
    func noteLoad(_ units: MLComputeUnits) { loaded.append(units) }
}

/// Core ML as it behaves when all is well: a compiled folder, a model that loads, a fixed answer.
enum Script {
    static var caches: URL {
        get throws {
            try FileManager.default.url(for: .cachesDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
                .appendingPathComponent("dev.edgevit")
        }
    }

    /// The package's own labels with these probabilities, as a classifier answers.
    static func answer(_ labels: [String], _ probabilities: [Double]) throws -> any MLFeatureProvider {
        let table = Dictionary(
            uniqueKeysWithValues: zip(labels, probabilities).map { (AnyHashable($0), NSNumber(value: $1)) })
        return try MLDictionaryFeatureProvider(dictionary: [
            "classLabel": MLFeatureValue(string: labels.first ?? ""),
            "classLabel_probs": MLFeatureValue(dictionary: table),
        ])
    }

    static func reset() async throws {
        try? FileManager.default.removeItem(at: caches)
        await Journal.shared.reset()
        nonisolated(unsafe) var compiled = 0
        StubCoreML.compile = { package in
            compiled += 1
            let made = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).mlmodelc")
            try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
            try Data("\(package.lastPathComponent) \(compiled)".utf8).write(to: made.appendingPathComponent("note"))
            return made
        }
        StubCoreML.load = { _, units in await Journal.shared.noteLoad(units) }
        StubCoreML.predict = { _ in throw StubCoreML.Failure("no answer scripted") }
    }

    /// Names of the compiled models that are kept.
    static func cached() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: caches.path).sorted()
    }
}
