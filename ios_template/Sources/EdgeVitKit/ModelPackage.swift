import EdgeVitCore
import Foundation

/// The files that edgevit wrote into this package: the model, what it is, and its labels.
struct ModelPackage: Sendable {
    let info: ModelInfo
    let labels: [String]

    /// The `.mlpackage` folder.
    let model: URL

    /// Reads the package's own files.
    ///
    /// - Throws: ``EdgeVitError/missingResource(_:)`` or ``EdgeVitError/badModelData(_:)``.
    init(bundle: Bundle = .module) throws {
        guard let folder = bundle.url(forResource: "ModelData", withExtension: nil) else {
            throw EdgeVitError.missingResource("ModelData")
        }
        info = try ModelInfo(json: Self.read("edgevit.json", in: folder))
        labels = try Labels.parse(Self.read("labels.txt", in: folder), classes: info.output.classes)
        model = folder.appendingPathComponent(info.artifact.file, isDirectory: true)
    }

    private static func read(_ name: String, in folder: URL) throws -> Data {
        do {
            return try Data(contentsOf: folder.appendingPathComponent(name))
        } catch {
            throw EdgeVitError.missingResource(name)
        }
    }
}
