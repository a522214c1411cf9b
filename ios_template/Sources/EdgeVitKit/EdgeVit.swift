import CoreGraphics
import CoreML
import EdgeVitCore
import ImageIO

/// The image model of this package, ready to run.
///
/// ```swift
/// let model = try await EdgeVit()
/// let predictions = try await model.classify(image)
/// ```
///
/// The actor owns the model and runs one prediction at a time, as Core ML asks of the users of one instance. Images
/// are decoded and resized outside the actor, so that the next one is made ready while this one runs.
///
/// ```
/// unloaded --load()--> loading --> ready --predict--> ready
///     ^                   |          |
///     |                 error     unload()
///     +-------------------+----------+
/// ```
///
/// Calls that arrive while the model is loading wait for that one load. A prediction on an unloaded model loads it.
public actor EdgeVit {
    /// What the model is, from `edgevit.json`.
    public nonisolated let info: ModelInfo

    /// Class names in the order of the model's output.
    public nonisolated let labels: [String]

    /// How the model is loaded.
    public nonisolated let configuration: Configuration

    private nonisolated let preprocessor: Preprocessor
    private let package: ModelPackage
    private var model: MLModel?
    private var loading: Task<Void, any Error>?

    /// Whether the weights were trained. False means that every prediction is meaningless: the package was built
    /// with random weights to try the tool chain or to measure speed.
    public nonisolated var weightsAreTrained: Bool { info.weights.trained }

    /// Whether the model is in memory.
    public var isLoaded: Bool { model != nil }

    /// Reads the package and loads the model.
    ///
    /// - Throws: ``EdgeVitError``: a damaged package, or a model that Core ML cannot compile or load.
    public init(configuration: Configuration = Configuration()) async throws {
        package = try ModelPackage()
        self.configuration = configuration
        info = package.info
        labels = package.labels
        preprocessor = Preprocessor(package.info.input)
        try await load()
    }

    /// Returns the most probable classes of an image, best first.
    ///
    /// - Parameters:
    ///   - image: Of any size; it is resized and cropped as the model's training did.
    ///   - orientation: How the stored pixels must be turned to be upright.
    ///   - topK: How many classes to return at most.
    /// - Throws: ``EdgeVitError``, or `CancellationError` where the task was cancelled before the model ran.
    public nonisolated func classify(
        _ image: CGImage, orientation: CGImagePropertyOrientation = .up, topK: Int = 5
    ) async throws -> [Prediction] {
        try require(.probabilities, .logits)
        let pixels = try prepare(image, orientation)
        return try await run(pixels) { try Ranking.top(topK, of: $0.probabilities(), labels: $0.labels) }
    }

    /// Returns the vector that the classifier would read, of a model built with `--head embedding`.
    ///
    /// - Throws: As ``classify(_:orientation:topK:)``, and ``EdgeVitError/wrongHead(needed:built:)``.
    public nonisolated func embedding(
        of image: CGImage, orientation: CGImagePropertyOrientation = .up
    ) async throws -> [Float] {
        try require(.embedding)
        let pixels = try prepare(image, orientation)
        return try await run(pixels) { try $0.first().values }
    }

    /// Returns the four stage maps, of a model built with `--head features`.
    ///
    /// - Throws: As ``classify(_:orientation:topK:)``, and ``EdgeVitError/wrongHead(needed:built:)``.
    public nonisolated func features(
        of image: CGImage, orientation: CGImagePropertyOrientation = .up
    ) async throws -> [OutputArray] {
        try require(.features)
        let pixels = try prepare(image, orientation)
        return try await run(pixels) { try $0.all() }
    }

    /// Loads the model where it is not loaded.
    public func load() async throws {
        guard model == nil else { return }
        if let loading { return try await loading.value }
        let task = Task { try await self.loadFresh() }
        loading = task
        defer { loading = nil }
        try await task.value
    }

    /// Frees the model's memory; the next prediction loads it again.
    public func unload() {
        model = nil
    }
}

extension EdgeVit {
    private nonisolated func prepare(_ image: CGImage, _ orientation: CGImagePropertyOrientation) throws -> RGBImage {
        try Task.checkCancellation()
        let stored = try RGBImage(image)
        let upright = (Orientation(rawValue: orientation.rawValue) ?? .up).upright(stored)
        return preprocessor(upright)
    }

    private nonisolated func require(_ heads: ModelInfo.Head...) throws {
        let built = info.output.head
        guard heads.contains(built) else {
            throw EdgeVitError.wrongHead(needed: heads.map(\.rawValue).joined(separator: " or "), built: built.rawValue)
        }
    }

    private func run<Result: Sendable>(
        _ pixels: RGBImage, read: @Sendable (Outputs) throws -> Result
    ) async throws -> Result {
        try await load()
        try Task.checkCancellation()
        guard let model else { throw EdgeVitError.modelUnavailable("it was unloaded meanwhile") }
        return try read(Outputs(provider: predict(pixels, with: model), info: info, labels: labels))
    }

    private func predict(_ pixels: RGBImage, with model: MLModel) throws -> any MLFeatureProvider {
        let image = MLFeatureValue(pixelBuffer: try pixels.pixelBuffer())
        do {
            let input = try MLDictionaryFeatureProvider(dictionary: [info.input.name: image])
            return try model.prediction(from: input, options: MLPredictionOptions())
        } catch {
            throw EdgeVitError.predictionFailed(error.localizedDescription)
        }
    }

    private func loadFresh() async throws {
        model = try await ModelLoader.load(package, for: configuration.computeUnits)
    }
}
