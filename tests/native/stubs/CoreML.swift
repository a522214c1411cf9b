// Core ML as far as the package uses it. What it does is scripted by `StubCoreML`.
@_exported import AppleCore
@_exported import CoreVideo

/// The script: what compiling, loading and predicting do, and a record of what was asked.
public enum StubCoreML {
    public struct Failure: Error, LocalizedError {
        public let errorDescription: String?
        public init(_ text: String) { errorDescription = text }
    }

    nonisolated(unsafe) public static var compile: (URL) throws -> URL = { $0 }
    nonisolated(unsafe) public static var load: (URL, MLComputeUnits) async throws -> Void = { _, _ in }
    nonisolated(unsafe) public static var predict: (any MLFeatureProvider) throws -> any MLFeatureProvider = { $0 }
}

public enum MLComputeUnits: Int, Sendable {
    case cpuOnly = 0
    case cpuAndGPU = 1
    case all = 2
    @available(iOS 16.0, macOS 13.0, *)
    case cpuAndNeuralEngine = 3
}

public enum MLFeatureType: Int, Sendable {
    case invalid = 0
    case int64 = 1
    case double = 2
    case string = 3
    case image = 4
    case multiArray = 5
    case dictionary = 6
}

open class MLModelConfiguration: NSObject {
    open var computeUnits: MLComputeUnits = .all
}

open class MLPredictionOptions: NSObject {}

public protocol MLFeatureProvider {
    var featureNames: Set<String> { get }
    func featureValue(for featureName: String) -> MLFeatureValue?
}

open class MLMultiArray: NSObject {
    public let stubShape: [Int]
    public let stubValues: [Float]
    public init(stub values: [Float], shape: [Int]) { (stubValues, stubShape) = (values, shape) }
}

public protocol MLShapedArrayScalar {}
extension Float: MLShapedArrayScalar {}

public struct MLShapedArray<Scalar: MLShapedArrayScalar> {
    public var shape: [Int]
    public var scalars: [Scalar]
}
extension MLShapedArray where Scalar == Float {
    public init(converting multiArray: MLMultiArray) {
        (shape, scalars) = (multiArray.stubShape, multiArray.stubValues)
    }
}
extension MLShapedArray: Sendable where Scalar: Sendable {}

open class MLFeatureValue: NSObject {
    open var type: MLFeatureType { stubType }
    open var imageBufferValue: CVPixelBuffer? { stubValue as? CVBuffer }
    open var multiArrayValue: MLMultiArray? { stubValue as? MLMultiArray }
    open var dictionaryValue: [AnyHashable: NSNumber] { stubValue as? [AnyHashable: NSNumber] ?? [:] }
    open var stringValue: String { stubValue as? String ?? "" }

    let stubType: MLFeatureType
    let stubValue: Any
    public init(pixelBuffer value: CVPixelBuffer) { (stubType, stubValue) = (.image, value) }
    public init(multiArray value: MLMultiArray) { (stubType, stubValue) = (.multiArray, value) }
    public init(string value: String) { (stubType, stubValue) = (.string, value) }
    public init(dictionary value: [AnyHashable: NSNumber]) throws { (stubType, stubValue) = (.dictionary, value) }
}

open class MLDictionaryFeatureProvider: NSObject, MLFeatureProvider {
    let table: [String: MLFeatureValue]
    public init(dictionary: [String: Any]) throws {
        table = try dictionary.mapValues {
            guard let value = $0 as? MLFeatureValue else { throw StubCoreML.Failure("not a feature value") }
            return value
        }
    }
    open var featureNames: Set<String> { Set(table.keys) }
    open func featureValue(for featureName: String) -> MLFeatureValue? { table[featureName] }
}

open class MLModel: NSObject {
    open class func compileModel(at modelURL: URL) throws -> URL { try StubCoreML.compile(modelURL) }

    @available(iOS 16.0, macOS 13.0, *)
    open class func compileModel(at url: URL) async throws -> URL { try StubCoreML.compile(url) }

    @available(iOS 15.0, macOS 12.0, *)
    open class func load(
        contentsOf url: URL, configuration: MLModelConfiguration = MLModelConfiguration()
    ) async throws -> MLModel {
        try await StubCoreML.load(url, configuration.computeUnits)
        return MLModel()
    }

    open func prediction(from input: any MLFeatureProvider, options: MLPredictionOptions) throws
        -> any MLFeatureProvider
    {
        try StubCoreML.predict(input)
    }

    @available(iOS 17.0, macOS 14.0, *)
    open func prediction(
        from input: any MLFeatureProvider, options: MLPredictionOptions = MLPredictionOptions()
    ) async throws -> any MLFeatureProvider {
        try StubCoreML.predict(input)
    }
}

// MARK: Compute plan

@available(iOS 17.0, macOS 14.0, *)
public final class MLCPUComputeDevice: NSObject, Sendable {
    public init(stub: Void) {}
}
@available(iOS 17.0, macOS 14.0, *)
public final class MLGPUComputeDevice: NSObject, Sendable {
    public init(stub: Void) {}
}
@available(iOS 17.0, macOS 14.0, *)
public final class MLNeuralEngineComputeDevice: NSObject, Sendable {
    public init(stub: Void) {}
}

@available(iOS 17.0, macOS 14.0, *)
public enum MLComputeDevice: Sendable {
    case cpu(MLCPUComputeDevice)
    case gpu(MLGPUComputeDevice)
    case neuralEngine(MLNeuralEngineComputeDevice)
}

@available(iOS 17.4, macOS 14.4, *)
public enum MLModelStructure: Sendable {
    case neuralNetwork(NeuralNetwork)
    case program(Program)
    case pipeline(Pipeline)
    case unsupported

    public struct NeuralNetwork: Sendable {}
    public struct Pipeline: Sendable {}
    public struct Program: Sendable {
        public let functions: [String: Function]
        public struct Function: Sendable {
            public let block: Block
        }
        public struct Block: Sendable {
            public let operations: [Operation]
        }
        public struct Operation: Sendable {
            public let operatorName: String
        }

        /// A program of one function with these operators.
        public init(stub names: [String]) {
            functions = ["main": Function(block: Block(operations: names.map(Operation.init)))]
        }
    }
}

@available(iOS 17.4, macOS 14.4, *)
public final class MLComputePlan {
    public let modelStructure: MLModelStructure

    public struct DeviceUsage: Sendable {
        public let supported: [MLComputeDevice]
        public let preferred: MLComputeDevice
        public init(stub preferred: MLComputeDevice, _ supported: [MLComputeDevice]) {
            (self.preferred, self.supported) = (preferred, supported)
        }
    }
    public struct Cost: Sendable {
        public let weight: Double
    }

    public static func load(contentsOf url: URL, configuration: MLModelConfiguration) async throws -> MLComputePlan {
        try await StubComputePlan.load(url, configuration.computeUnits)
        return MLComputePlan(stub: StubComputePlan.program)
    }
    public func deviceUsage(for operation: MLModelStructure.Program.Operation) -> DeviceUsage? {
        StubComputePlan.usage[operation.operatorName]
    }
    public func estimatedCost(of operation: MLModelStructure.Program.Operation) -> Cost? {
        StubComputePlan.cost[operation.operatorName].map(Cost.init)
    }

    init(stub program: MLModelStructure.Program) { modelStructure = .program(program) }
}

/// The compute plan as a test sets it.
@available(iOS 17.4, macOS 14.4, *)
public enum StubComputePlan {
    nonisolated(unsafe) public static var load: (URL, MLComputeUnits) async throws -> Void = { _, _ in }
    nonisolated(unsafe) public static var program = MLModelStructure.Program(stub: [])
    nonisolated(unsafe) public static var usage: [String: MLComputePlan.DeviceUsage] = [:]
    nonisolated(unsafe) public static var cost: [String: Double] = [:]
}
