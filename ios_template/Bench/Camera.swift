import AVFoundation
import EdgeVitKit

/// The back camera as a stream of pictures; frames that come while one is looked at are dropped.
actor Camera {
    enum Problem: LocalizedError {
        case notAllowed, missing

        var errorDescription: String? {
            switch self {
            case .notAllowed: "The app may not use the camera: allow it in Settings."
            case .missing: "This device has no camera that can be used."
            }
        }
    }

    private let session = AVCaptureSession()
    private let output = AVCaptureVideoDataOutput()
    private let queue = DispatchQueue(label: "dev.edgevit.bench.camera")
    private var receiver: Receiver?

    /// Starts the camera; it stops when the stream's reader does.
    ///
    /// - Throws: ``Problem``, or the system's error.
    func pictures() async throws -> AsyncStream<RGBImage> {
        guard await AVCaptureDevice.requestAccess(for: .video) else { throw Problem.notAllowed }
        try connect()
        let (stream, continuation) = AsyncStream.makeStream(of: RGBImage.self, bufferingPolicy: .bufferingNewest(1))
        continuation.onTermination = { [weak self] _ in
            Task { await self?.stop() }
        }
        let receiver = Receiver(continuation)
        // The output does not keep its delegate.
        self.receiver = receiver
        output.setSampleBufferDelegate(receiver, queue: queue)
        session.startRunning()
        return stream
    }

    private func stop() {
        session.stopRunning()
    }

    private func connect() throws {
        guard session.inputs.isEmpty else { return }
        guard let device = AVCaptureDevice.default(for: .video) else { throw Problem.missing }
        let input = try AVCaptureDeviceInput(device: device)
        guard session.canAddInput(input), session.canAddOutput(output) else { throw Problem.missing }
        output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA]
        session.beginConfiguration()
        session.sessionPreset = .vga640x480
        session.addInput(input)
        session.addOutput(output)
        session.commitConfiguration()
    }
}

/// Copies frames, as the camera takes its buffers back.
private final class Receiver: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate {
    private let pictures: AsyncStream<RGBImage>.Continuation

    init(_ pictures: AsyncStream<RGBImage>.Continuation) {
        self.pictures = pictures
    }

    func captureOutput(
        _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
    ) {
        guard let frame = CMSampleBufferGetImageBuffer(sampleBuffer), let picture = try? RGBImage(frame) else { return }
        pictures.yield(picture)
    }
}
