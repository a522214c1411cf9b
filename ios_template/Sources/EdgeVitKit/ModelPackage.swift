import EdgeVitCore
import Foundation

/// The files that edgevit wrote into this package: the model, what it is, and its labels.
struct ModelPackage: Sendable {
    let info: ModelInfo
    let labels: [String]

    /// The `.mlpackage` folder.
    let model: URL

    /// A compiled model beside it, which an app may ship to spare the first launch the compilation.
    var compiled: URL? {
        let beside = model.deletingPathExtension().appendingPathExtension("mlmodelc")
        return FileManager.default.fileExists(atPath: beside.path) ? beside : nil
    }

    /// Reads the package's own files.
    ///
    /// - Throws: ``EdgeVitError/missingResource(_:)`` or ``EdgeVitError/badModelData(_:)``.
    init() throws {
        info = try ModelInfo(json: Self.resource("edgevit.json"))
        labels = try Labels.parse(Self.resource("labels.txt"), classes: info.output.classes)
        model = try Self.folder().appendingPathComponent(info.artifact.file, isDirectory: true)
    }

    /// The folder of all files that belong to the model.
    static func folder() throws -> URL {
        guard let folder = Bundle.module.url(forResource: "ModelData", withExtension: nil) else {
            throw EdgeVitError.missingResource("ModelData")
        }
        return folder
    }

    /// The bytes of one of them.
    static func resource(_ name: String) throws -> Data {
        let file = try folder().appendingPathComponent(name)
        do {
            return try Data(contentsOf: file)
        } catch {
            throw EdgeVitError.missingResource(name)
        }
    }
}
