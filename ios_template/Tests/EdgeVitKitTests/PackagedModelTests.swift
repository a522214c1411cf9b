import CoreGraphics
import EdgeVitKit
import Testing

/// The packaged model on this machine's Core ML: these need a Mac, a simulator or a device.
@Suite("The packaged model")
struct PackagedModelTests {
    private func image() throws -> CGImage {
        let space = try #require(CGColorSpace(name: CGColorSpace.sRGB))
        let context = try #require(
            CGContext(
                data: nil, width: 320, height: 240, bitsPerComponent: 8, bytesPerRow: 0, space: space,
                bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue))
        return try #require(context.makeImage())
    }

    @Test("it loads, and answers as edgevit.json says")
    func answers() async throws {
        let model = try await EdgeVit()
        switch model.info.output.head {
        case .probabilities, .logits:
            let predictions = try await model.classify(image(), topK: model.labels.count)
            #expect(predictions.count == model.labels.count)
            #expect(abs(predictions.map(\.probability).reduce(0, +) - 1) < 0.01)
        case .embedding:
            #expect(try await model.embedding(of: image()).allSatisfy(\.isFinite))
        case .features:
            #expect(try await model.features(of: image()).map(\.name) == model.info.output.names)
        }
    }
}
