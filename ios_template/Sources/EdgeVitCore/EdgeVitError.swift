import Foundation

/// What can go wrong, each with a sentence for people and one on what to do.
public enum EdgeVitError: Error, Sendable, Hashable {
    /// A file that the package carries is missing.
    case missingResource(String)

    /// A file that the package carries cannot be used.
    case badModelData(String)

    /// An image that has no pixels or cannot be drawn.
    case unreadableImage(String)

    /// Core ML could not compile or load the model.
    case modelUnavailable(String)

    /// Core ML could not run the model.
    case predictionFailed(String)

    /// The model answered with something that its configuration does not describe.
    case unexpectedOutput(String)

    /// The model was built with another head than this call needs.
    case wrongHead(needed: String, built: String)
}

extension EdgeVitError: LocalizedError {
    public var errorDescription: String? {
        switch self {
        case .missingResource(let name): "The model package has no \(name)."
        case .badModelData(let reason): "The model package is damaged: \(reason)."
        case .unreadableImage(let reason): "The image cannot be read: \(reason)."
        case .modelUnavailable(let reason): "Core ML cannot load the model: \(reason)"
        case .predictionFailed(let reason): "Core ML cannot run the model: \(reason)"
        case .unexpectedOutput(let reason): "The model gave an unexpected output: \(reason)."
        case .wrongHead(let needed, let built): "This needs a model with head \(needed); this one has head \(built)."
        }
    }

    public var recoverySuggestion: String? {
        switch self {
        case .missingResource, .badModelData: "Build the package again with edgevit and replace the whole folder."
        case .unreadableImage: "Pass a bitmap image of at least one pixel."
        case .modelUnavailable: "Check the device's iOS version and free space, then try again."
        case .predictionFailed: "Try again in the foreground, or load the model for the CPU alone."
        case .unexpectedOutput: "Run the golden self-test; if it fails, report the device and iOS version."
        case .wrongHead(let needed, _): "Build the package again with --head \(needed)."
        }
    }
}
