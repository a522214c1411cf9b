/// One output of a model that returns arrays, for example a stage map of `--head features`.
public struct OutputArray: Sendable, Hashable {
    /// Name of the output, for example `stage1`.
    public let name: String

    /// Lengths of the axes; batch, channels, height, width for a stage map.
    public let shape: [Int]

    /// The values in row-major order of `shape`.
    public let values: [Float]

    public init(name: String, shape: [Int], values: [Float]) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}
