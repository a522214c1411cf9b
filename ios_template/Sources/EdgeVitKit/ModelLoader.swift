import CoreML
import EdgeVitCore
import Foundation

/// Turns the package's model into one that runs.
///
/// `MLModel` is not `Sendable`; a loaded one is `sending`, so the compiler proves that nobody else holds it.
enum ModelLoader {
    /// Compiles the model where there is no compiled one, and loads it.
    ///
    /// - Throws: ``EdgeVitError/modelUnavailable(_:)`` with Core ML's own words.
    static func load(_ package: ModelPackage, for units: ComputeUnits) async throws -> sending MLModel {
        let settings = try settings(for: units)
        do {
            return try await MLModel.load(contentsOf: compiled(package), configuration: settings)
        } catch {
            throw EdgeVitError.modelUnavailable(error.localizedDescription)
        }
    }

    /// The compiled model: the one that was shipped, the cached one, or one that is made now.
    static func compiled(_ package: ModelPackage) async throws -> URL {
        if let shipped = package.compiled { return shipped }
        return try await CompiledModelCache().compiled(package.model, digest: package.info.artifact.sha256)
    }

    static func settings(for units: ComputeUnits) throws -> MLModelConfiguration {
        let settings = MLModelConfiguration()
        settings.computeUnits = try units.forCoreML()
        return settings
    }
}
