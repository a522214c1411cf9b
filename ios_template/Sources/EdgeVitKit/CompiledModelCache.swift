import CoreML
import EdgeVitCore
import Foundation

/// Where compiled models are kept between launches: one folder for each model and system version.
///
/// Core ML compiles a `.mlpackage` in a fraction of a second, but an app should not pay that at every launch. The key
/// holds the model's digest and the system's version, because an update of either makes the old one stale.
struct CompiledModelCache: Sendable {
    /// Folder of all entries; the system may empty it.
    let root: URL

    init() throws {
        let caches = try FileManager.default.url(
            for: .cachesDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        root = caches.appendingPathComponent("dev.edgevit", isDirectory: true)
    }

    /// Returns the compiled form of `package`, compiling it where there is none yet.
    ///
    /// - Parameters:
    ///   - package: The `.mlpackage` folder.
    ///   - digest: The digest that `edgevit.json` states for it.
    func compiled(_ package: URL, digest: String) async throws -> URL {
        let target = entry(digest)
        if FileManager.default.fileExists(atPath: target.path) { return target }
        let fresh = try await Self.compile(package)
        try keep(fresh, as: target)
        return target
    }

    /// Removes the compiled form, so that it is made again: what does not load may be damaged.
    func discard(digest: String) {
        try? FileManager.default.removeItem(at: entry(digest))
    }

    private func entry(_ digest: String) -> URL {
        let version = ProcessInfo.processInfo.operatingSystemVersion
        let system = "\(version.majorVersion).\(version.minorVersion).\(version.patchVersion)"
        return root.appendingPathComponent("\(digest)-\(system).mlmodelc", isDirectory: true)
    }

    /// Moves a compiled model to its place; of two that race, the first stays, as both are the same.
    private func keep(_ fresh: URL, as target: URL) throws {
        let files = FileManager.default
        try files.createDirectory(at: root, withIntermediateDirectories: true)
        for stale in try files.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
        where stale.lastPathComponent != target.lastPathComponent {
            try? files.removeItem(at: stale)
        }
        do {
            try files.moveItem(at: fresh, to: target)
        } catch {
            guard files.fileExists(atPath: target.path) else { throw error }
            try? files.removeItem(at: fresh)
        }
    }

    private static func compile(_ package: URL) async throws -> URL {
        guard #available(iOS 16, macOS 13, *) else { return try compileBlocking(package) }
        return try await MLModel.compileModel(at: package)
    }

    /// The form without `async`, the only one before iOS 16; a function of its own so that it is chosen.
    private static func compileBlocking(_ package: URL) throws -> URL {
        try MLModel.compileModel(at: package)
    }
}
