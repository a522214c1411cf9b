// AVFoundation and Core Media as far as the app uses them: declarations without behaviour. As in Apple's documentation,
// none of these classes is Sendable.
@_exported import CoreVideo
@_exported import Dispatch
@_exported import Foundation

public struct AVMediaType: Hashable, Sendable {
    public static let video = AVMediaType()
}

open class AVCaptureDevice: NSObject {
    override init() {}
    open class func `default`(for mediaType: AVMediaType) -> AVCaptureDevice? { nil }
    open class func requestAccess(for mediaType: AVMediaType) async -> Bool { false }
}

open class AVCaptureInput: NSObject {
    override init() {}
}
open class AVCaptureDeviceInput: AVCaptureInput {
    public init(device: AVCaptureDevice) throws {}
}
open class AVCaptureOutput: NSObject {
    override init() {}
}
open class AVCaptureConnection: NSObject {
    override init() {}
}
open class AVCaptureVideoDataOutput: AVCaptureOutput {
    public override init() {}
    open var videoSettings: [String: Any]?
    open func setSampleBufferDelegate(
        _ sampleBufferDelegate: (any AVCaptureVideoDataOutputSampleBufferDelegate)?,
        queue sampleBufferCallbackQueue: DispatchQueue?
    ) {}
}

public protocol AVCaptureVideoDataOutputSampleBufferDelegate: AnyObject {
    func captureOutput(
        _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection)
}

open class AVCaptureSession: NSObject {
    public override init() {}
    public struct Preset: Hashable, Sendable {
        public static let vga640x480 = Preset()
    }
    open var sessionPreset: Preset = .vga640x480
    open var inputs: [AVCaptureInput] { [] }
    open func canAddInput(_ input: AVCaptureInput) -> Bool { false }
    open func addInput(_ input: AVCaptureInput) {}
    open func canAddOutput(_ output: AVCaptureOutput) -> Bool { false }
    open func addOutput(_ output: AVCaptureOutput) {}
    open func beginConfiguration() {}
    open func commitConfiguration() {}
    open func startRunning() {}
    open func stopRunning() {}
}

public final class CMSampleBuffer {}
public func CMSampleBufferGetImageBuffer(_ sbuf: CMSampleBuffer) -> CVImageBuffer? { nil }
