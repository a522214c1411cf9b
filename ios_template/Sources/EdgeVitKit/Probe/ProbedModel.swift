import EdgeVitCore

/// The package's model as a probe drives it: for one choice of processors at a time, without fallback of its own.
actor ProbedModel: ProbeModel {
    private let package: ModelPackage
    private let preprocessor: Preprocessor
    private let photograph: RGBImage
    private var pixels: RGBImage
    private var model: EdgeVit?

    /// - Throws: ``EdgeVitError/unreadableImage(_:)`` never in practice, as the image is made here.
    init(_ package: ModelPackage) throws {
        self.package = package
        preprocessor = Preprocessor(package.info.input)
        photograph = try Self.scene(width: 640, height: 480)
        pixels = preprocessor(photograph)
    }

    func load(_ units: ComputeUnits) async throws {
        model = nil
        model = try await EdgeVit(
            configuration: .init(computeUnits: units, allowsFallback: false, unloadsUnderMemoryPressure: false))
    }

    func prepare() {
        pixels = preprocessor(photograph)
    }

    func run() async throws {
        guard let model else { throw EdgeVitError.modelUnavailable("it is not loaded") }
        try await model.run(pixels) { _ in }
    }

    func unload() {
        model = nil
    }

    func operations(_ units: ComputeUnits) async -> [PlannedOperation]? {
        guard #available(iOS 17.4, macOS 14.4, *) else { return nil }
        return try? await ComputePlan.operations(of: package, for: units)
    }

    /// A picture of the size of a camera's preview; what it shows does not change how long a convolution takes.
    private static func scene(width: Int, height: Int) throws -> RGBImage {
        let values = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 / 3 % width ^ $0 / 3 / width) }
        return try RGBImage(width: width, height: height, values: values)
    }
}
