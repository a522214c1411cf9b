import CoreML
import EdgeVitCore

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
///                +-------- fewer processors <------+
///                v                                 |
/// unloaded --> loading --> ready --> running --> failed
///     ^          |           ^ |         |
///     |        failed        | |         v
///     |          |           +-|------ ready
///     +----------+-- unload() -+ (also on memory pressure)
/// ```
///
/// Calls that arrive while the model is loading wait for that one load. A prediction on an unloaded model loads it.
/// When the model does not load or run, the next choice of processors is tried, see ``ComputeUnits/chain``;
/// ``placement`` tells what was asked, what is used and why.
public actor EdgeVit {
    /// What the model is, from `edgevit.json`.
    public nonisolated let info: ModelInfo

    /// Class names in the order of the model's output; empty for models that do not classify.
    public nonisolated let labels: [String]

    /// How the model is loaded.
    public nonisolated let configuration: Configuration

    /// Which processors were asked for, which ones are used, and why they differ if they do.
    public private(set) var placement: Placement

    nonisolated let preprocessor: Preprocessor
    private let package: ModelPackage
    private var model: MLModel?
    private var loading: Task<Void, any Error>?
    private var memoryPressure: MemoryPressure?

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
        placement = Placement(asked: configuration.computeUnits, fallback: configuration.allowsFallback)
        if configuration.unloadsUnderMemoryPressure {
            memoryPressure = MemoryPressure { [weak self] in
                Task { await self?.unload() }
            }
        }
        try await load()
    }

    /// Loads the model where it is not loaded.
    ///
    /// - Throws: ``EdgeVitError/modelUnavailable(_:)`` when it loads for none of the allowed processors.
    public func load() async throws {
        guard model == nil else { return }
        if let loading { return try await loading.value }
        let task = Task { try await self.loadFirstThatWorks() }
        loading = task
        defer { loading = nil }
        try await task.value
    }

    /// Frees the model's memory; the next prediction loads it again.
    public func unload() {
        model = nil
    }

    /// Forgets which processors failed, and loads the model for what was asked, for example when the app is in the
    /// foreground again.
    public func reload() async throws {
        model = nil
        placement = Placement(asked: configuration.computeUnits, fallback: configuration.allowsFallback)
        try await load()
    }
}

extension EdgeVit {
    /// Runs the model on prepared pixels and reads its answer; on failure with fewer processors, as far as allowed.
    func run<Result: Sendable>(
        _ pixels: RGBImage, read: @Sendable (Outputs) throws -> Result
    ) async throws -> Result {
        while true {
            try await load()
            try Task.checkCancellation()
            guard let model else { continue }
            do {
                return try read(Outputs(provider: predict(pixels, with: model), info: info, labels: labels))
            } catch EdgeVitError.predictionFailed(let reason) {
                self.model = nil
                placement.fail(reason)
                guard placement.candidate != nil else { throw EdgeVitError.predictionFailed(reason) }
            }
        }
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

    private func loadFirstThatWorks() async throws {
        if placement.candidate == nil {
            placement = Placement(asked: configuration.computeUnits, fallback: configuration.allowsFallback)
        }
        while let units = placement.candidate {
            do {
                model = try await ModelLoader.load(package, for: units)
                return placement.succeed()
            } catch EdgeVitError.modelUnavailable(let reason) {
                placement.fail(reason)
            }
        }
        try? CompiledModelCache().discard(digest: info.artifact.sha256)
        throw EdgeVitError.modelUnavailable(placement.failures.last?.reason ?? "no processor is allowed")
    }
}
