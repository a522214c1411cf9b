import CoreGraphics
import CoreVideo
import EdgeVitCore
import ImageIO

extension EdgeVit {
    /// Returns the most probable classes of an image, best first.
    ///
    /// - Parameters:
    ///   - image: Of any size; it is resized and cropped as the network's evaluation does.
    ///   - orientation: How the stored pixels must be turned to be upright.
    ///   - topK: How many classes to return at most.
    /// - Throws: ``EdgeVitError``, or `CancellationError` where the task was cancelled before the model ran.
    public nonisolated func classify(
        _ image: CGImage, orientation: CGImagePropertyOrientation = .up, topK: Int = 5
    ) async throws -> [Prediction] {
        try require(.probabilities, .logits)
        return try await classify(stored: RGBImage(image), orientation, topK)
    }

    /// Returns the most probable classes of a camera frame, best first.
    ///
    /// - Parameters:
    ///   - frame: In `kCVPixelFormatType_32BGRA`; ask the capture output for it.
    ///   - orientation: How the stored pixels must be turned to be upright.
    ///   - topK: How many classes to return at most.
    /// - Throws: As ``classify(_:orientation:topK:)-(CGImage,_,_)``.
    public nonisolated func classify(
        _ frame: sending CVPixelBuffer, orientation: CGImagePropertyOrientation = .up, topK: Int = 5
    ) async throws -> [Prediction] {
        try require(.probabilities, .logits)
        return try await classify(stored: RGBImage(frame), orientation, topK)
    }

    /// Returns the most probable classes of an image that is decoded already, best first.
    ///
    /// - Throws: As ``classify(_:orientation:topK:)-(CGImage,_,_)``.
    public nonisolated func classify(
        _ picture: RGBImage, orientation: CGImagePropertyOrientation = .up, topK: Int = 5
    ) async throws -> [Prediction] {
        try require(.probabilities, .logits)
        return try await classify(stored: picture, orientation, topK)
    }

    /// Returns the most probable classes of each image, in order.
    ///
    /// While the model runs on one image, the next one is made ready.
    public nonisolated func classify(_ images: [CGImage], topK: Int = 5) async throws -> [[Prediction]] {
        try require(.probabilities, .logits)
        var results: [[Prediction]] = []
        guard var next = try images.first.map({ try prepare(RGBImage($0), .up) }) else { return results }
        for index in images.indices {
            let pixels = next
            async let predictions = classify(prepared: pixels, topK)
            if index + 1 < images.count { next = try prepare(RGBImage(images[index + 1]), .up) }
            results.append(try await predictions)
        }
        return results
    }

    /// Returns the vector that the classifier would read, of a model built with `--head embedding`.
    ///
    /// - Throws: ``EdgeVitError``, also ``EdgeVitError/wrongHead(needed:built:)``, or `CancellationError`.
    public nonisolated func embedding(
        of image: CGImage, orientation: CGImagePropertyOrientation = .up
    ) async throws -> [Float] {
        try await embedding(of: RGBImage(image), orientation: orientation)
    }

    /// Returns the vector that the classifier would read, of an image that is decoded already.
    ///
    /// - Throws: As ``embedding(of:orientation:)-(CGImage,_)``.
    public nonisolated func embedding(
        of picture: RGBImage, orientation: CGImagePropertyOrientation = .up
    ) async throws -> [Float] {
        try require(.embedding)
        return try await run(prepare(picture, orientation)) { try $0.first().values }
    }

    /// Returns the four stage maps, of a model built with `--head features`.
    ///
    /// - Throws: ``EdgeVitError``, also ``EdgeVitError/wrongHead(needed:built:)``, or `CancellationError`.
    public nonisolated func features(
        of image: CGImage, orientation: CGImagePropertyOrientation = .up
    ) async throws -> [OutputArray] {
        try await features(of: RGBImage(image), orientation: orientation)
    }

    /// Returns the four stage maps of an image that is decoded already.
    ///
    /// - Throws: As ``features(of:orientation:)-(CGImage,_)``.
    public nonisolated func features(
        of picture: RGBImage, orientation: CGImagePropertyOrientation = .up
    ) async throws -> [OutputArray] {
        try require(.features)
        return try await run(prepare(picture, orientation)) { try $0.all() }
    }
}

extension EdgeVit {
    private nonisolated func require(_ heads: ModelInfo.Head...) throws {
        let built = info.output.head
        guard heads.contains(built) else {
            throw EdgeVitError.wrongHead(needed: heads.map(\.rawValue).joined(separator: " or "), built: built.rawValue)
        }
    }

    private nonisolated func prepare(_ stored: RGBImage, _ orientation: CGImagePropertyOrientation) throws -> RGBImage {
        try Task.checkCancellation()
        return preprocessor((Orientation(rawValue: orientation.rawValue) ?? .up).upright(stored))
    }

    private nonisolated func classify(
        stored: RGBImage, _ orientation: CGImagePropertyOrientation, _ topK: Int
    ) async throws -> [Prediction] {
        try await classify(prepared: prepare(stored, orientation), topK)
    }

    private nonisolated func classify(prepared pixels: RGBImage, _ topK: Int) async throws -> [Prediction] {
        try await run(pixels) { try Ranking.top(topK, of: $0.probabilities(), labels: $0.labels) }
    }
}
