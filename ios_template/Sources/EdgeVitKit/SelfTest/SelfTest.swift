import CoreGraphics
import EdgeVitCore
import Foundation

extension EdgeVit {
    /// Runs the photographs that travel in the package, and compares pixels and answers with those of the build.
    ///
    /// Pass your own way from an image to pixels to find out whether it is right; the usual mistakes are named:
    ///
    /// ```swift
    /// let results = try await model.selfTest { image in try myPipeline(image) }
    /// for result in results where !result.passed { print(result.photo, result.mistake?.advice ?? "") }
    /// ```
    ///
    /// - Parameter prepare: Makes the model's pixels of an image; nil takes this package's own way.
    /// - Throws: ``EdgeVitError``, also where the photographs were removed from the package.
    public nonisolated func selfTest(
        preparing prepare: (@Sendable (CGImage) async throws -> RGBImage)? = nil
    ) async throws -> [SelfTestResult] {
        let golden = try Golden(json: ModelPackage.resource("golden.json"))
        var results: [SelfTestResult] = []
        for photo in golden.photos {
            let image = try Self.photograph(photo.name)
            let photograph = try RGBImage(image)
            let pixels = try await prepare?(image) ?? preprocessor(photograph)
            results.append(
                SelfTestResult(
                    golden: photo, photograph: photograph, pixels: pixels, answers: try await answers(pixels),
                    info: info))
        }
        return results
    }

    private nonisolated func answers(_ pixels: RGBImage) async throws -> [[Double]] {
        guard pixels.width == info.input.width, pixels.height == info.input.height else { return [] }
        if info.output.head == .probabilities { return [try await run(pixels) { try $0.probabilities() }] }
        return try await run(pixels) { try $0.all() }.map { $0.values.map(Double.init) }
    }

    private static func photograph(_ name: String) throws -> CGImage {
        let file = try ModelPackage.folder().appendingPathComponent("photos/\(name).png")
        guard let bytes = CGDataProvider(filename: file.path),
            let image = CGImage(
                pngDataProviderSource: bytes, decode: nil, shouldInterpolate: false, intent: .defaultIntent)
        else { throw EdgeVitError.missingResource("photos/\(name).png") }
        return image
    }
}
