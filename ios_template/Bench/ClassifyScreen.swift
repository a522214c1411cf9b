import Dispatch
import EdgeVitKit
import ImageIO
import PhotosUI
import SwiftUI

/// A photograph or the camera, what the model sees of it, what it says, and how long that took.
struct ClassifyScreen: View {
    let model: EdgeVit

    @State private var camera = Camera()
    @State private var photo: PhotosPickerItem?
    @State private var usesCamera = false
    @State private var look: Look?
    @State private var problem: String?

    var body: some View {
        NavigationStack {
            List {
                Section {
                    PhotosPicker("Choose a photo", selection: $photo, matching: .images)
                    Toggle("Camera", isOn: $usesCamera)
                }
                if let problem { Text(verbatim: problem).foregroundStyle(Color.red) }
                if let look { LookSection(look: look) }
            }
            .navigationTitle("Classify")
        }
        .task(id: photo) { await lookAtPhoto() }
        .task(id: usesCamera) { await watch() }
    }

    private func lookAtPhoto() async {
        guard let photo else { return }
        usesCamera = false
        await reporting {
            guard let data = try await photo.loadTransferable(type: Data.self), let image = UIImage(data: data),
                let pixels = image.cgImage
            else { throw EdgeVitError.unreadableImage("a file that is no bitmap") }
            look = try await model.look(
                at: RGBImage(pixels), CGImagePropertyOrientation(image.imageOrientation))
        }
    }

    private func watch() async {
        guard usesCamera else { return }
        await reporting {
            // The back camera's pixels lie on their side when the phone is held upright.
            for await picture in try await camera.pictures() { look = try await model.look(at: picture, .right) }
        }
    }

    private func reporting(_ work: () async throws -> Void) async {
        do {
            problem = nil
            try await work()
        } catch is CancellationError {
            return
        } catch {
            problem = error.advice
        }
    }
}

/// One answer of the model.
struct Look: Sendable {
    /// What the model was given.
    let seen: RGBImage
    /// Best first; empty for a model that does not classify.
    let predictions: [Prediction]
    /// Shapes of the outputs of a model that does not classify.
    let shapes: [[Int]]
    /// From the decoded picture to the answer.
    let nanoseconds: Int
}

extension EdgeVit {
    /// Runs the model on a picture as its head asks, and takes the time.
    func look(at picture: RGBImage, _ orientation: CGImagePropertyOrientation) async throws -> Look {
        let start = DispatchTime.now().uptimeNanoseconds
        var predictions: [Prediction] = []
        var shapes: [[Int]] = []
        switch info.output.head {
        case .probabilities, .logits: predictions = try await classify(picture, orientation: orientation)
        case .embedding: shapes = [[try await embedding(of: picture, orientation: orientation).count]]
        case .features: shapes = try await features(of: picture, orientation: orientation).map(\.shape)
        }
        let nanoseconds = Int(DispatchTime.now().uptimeNanoseconds - start)
        let upright = (Orientation(rawValue: orientation.rawValue) ?? .up).upright(picture)
        return Look(
            seen: Preprocessor(info.input)(upright), predictions: predictions, shapes: shapes, nanoseconds: nanoseconds)
    }
}

private struct LookSection: View {
    let look: Look

    var body: some View {
        Section("What the model sees") {
            if let image = look.seen.forTheScreen { Image(decorative: image, scale: 1) }
            Text(verbatim: "\(look.nanoseconds.asMilliseconds), image preparation included")
        }
        Section("What it says") {
            ForEach(look.predictions) { prediction in
                HStack {
                    // Labels are data: as a localized key they could hold formatting and links.
                    Text(verbatim: prediction.label)
                    Spacer()
                    Text(verbatim: String(format: "%.1f %%", 100 * prediction.probability))
                }
            }
            ForEach(look.shapes, id: \.self) { shape in
                Text(verbatim: shape.map(String.init).joined(separator: " x "))
            }
        }
    }
}

extension RGBImage {
    /// Nil where Core Graphics cannot make an image of it.
    var forTheScreen: CGImage? {
        guard let space = CGColorSpace(name: CGColorSpace.sRGB) else { return nil }
        var pixels = [UInt8](repeating: 255, count: 4 * width * height)
        for index in 0..<width * height {
            for channel in 0..<3 { pixels[4 * index + channel] = values[3 * index + channel] }
        }
        return pixels.withUnsafeMutableBytes { buffer in
            CGContext(
                data: buffer.baseAddress, width: width, height: height, bitsPerComponent: 8, bytesPerRow: 4 * width,
                space: space, bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue)?.makeImage()
        }
    }
}

extension CGImagePropertyOrientation {
    /// UIKit counts the same eight orientations in another order.
    init(_ orientation: UIImage.Orientation) {
        switch orientation {
        case .up: self = .up
        case .upMirrored: self = .upMirrored
        case .down: self = .down
        case .downMirrored: self = .downMirrored
        case .left: self = .left
        case .leftMirrored: self = .leftMirrored
        case .right: self = .right
        case .rightMirrored: self = .rightMirrored
        @unknown default: self = .up
        }
    }
}
