import CoreML
import EdgeVitCore

/// Core ML's plan for each operation of the model.
@available(iOS 17.4, macOS 14.4, *)
enum ComputePlan {
    /// Reads the plan for these processors; constants, which run nowhere, are left out.
    ///
    /// - Throws: Core ML's error, or ``EdgeVitError/modelUnavailable(_:)``.
    static func operations(of package: ModelPackage, for units: ComputeUnits) async throws -> [PlannedOperation] {
        let settings = try ModelLoader.settings(for: units)
        let plan = try await MLComputePlan.load(
            contentsOf: ModelLoader.compiled(package), configuration: settings)
        guard case .program(let program) = plan.modelStructure, let main = program.functions["main"] else { return [] }
        return main.block.operations.compactMap { operation in
            guard let usage = plan.deviceUsage(for: operation) else { return nil }
            return PlannedOperation(
                name: operation.operatorName, preferred: .init(usage.preferred),
                supported: usage.supported.map(PlannedOperation.Processor.init),
                share: plan.estimatedCost(of: operation)?.weight)
        }
    }
}

@available(iOS 17.4, macOS 14.4, *)
extension PlannedOperation.Processor {
    init(_ device: MLComputeDevice) {
        switch device {
        case .cpu: self = .cpu
        case .gpu: self = .gpu
        case .neuralEngine: self = .neuralEngine
        @unknown default: self = .other
        }
    }
}
