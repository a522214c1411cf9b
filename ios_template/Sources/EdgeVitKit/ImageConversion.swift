import CoreGraphics
import CoreVideo
import EdgeVitCore

extension RGBImage {
    /// Draws a Core Graphics image at its own size into 8-bit RGB.
    ///
    /// RGB and grey images are drawn in their own colour space, so that their values stay as they are stored: networks
    /// are trained on stored values. Other colour models are converted to sRGB. Transparency lies on black.
    ///
    /// - Throws: ``EdgeVitError/unreadableImage(_:)`` where Core Graphics cannot make a bitmap of it.
    public init(_ image: CGImage) throws {
        let values =
            if let own = image.colorSpace, own.model == .monochrome, own.supportsOutput {
                try Self.draw(image, in: own, channels: 1, alpha: .none).flatMap { [$0, $0, $0] }
            } else {
                try Self.withoutFourth(
                    Self.draw(image, in: Self.rgbSpace(of: image), channels: 4, alpha: .noneSkipLast))
            }
        try self.init(width: image.width, height: image.height, values: values)
    }

    private static func draw(
        _ image: CGImage, in space: CGColorSpace, channels: Int, alpha: CGImageAlphaInfo
    ) throws -> [UInt8] {
        let (width, height) = (image.width, image.height)
        var pixels = [UInt8](repeating: 0, count: channels * width * height)
        let drawn = pixels.withUnsafeMutableBytes { buffer -> Bool in
            guard
                let context = CGContext(
                    data: buffer.baseAddress, width: width, height: height, bitsPerComponent: 8,
                    bytesPerRow: channels * width, space: space, bitmapInfo: alpha.rawValue)
            else { return false }
            context.draw(image, in: CGRect(x: 0, y: 0, width: width, height: height))
            return true
        }
        guard drawn else { throw EdgeVitError.unreadableImage("no bitmap of \(width) x \(height) pixels") }
        return pixels
    }

    private static func rgbSpace(of image: CGImage) throws -> CGColorSpace {
        if let own = image.colorSpace, own.model == .rgb, own.supportsOutput { return own }
        guard let standard = CGColorSpace(name: CGColorSpace.sRGB) else {
            throw EdgeVitError.unreadableImage("no sRGB colour space")
        }
        return standard
    }

    private static func withoutFourth(_ pixels: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: pixels.count / 4 * 3) { target, initialized in
            for index in 0..<pixels.count / 4 {
                for channel in 0..<3 { target[3 * index + channel] = pixels[4 * index + channel] }
            }
            initialized = pixels.count / 4 * 3
        }
    }

    /// Copies the pixels of a `kCVPixelFormatType_32BGRA` buffer.
    ///
    /// - Throws: ``EdgeVitError/unreadableImage(_:)`` for another format, or memory that cannot be read.
    public init(_ buffer: CVPixelBuffer) throws {
        guard CVPixelBufferGetPixelFormatType(buffer) == kCVPixelFormatType_32BGRA else {
            throw EdgeVitError.unreadableImage("a pixel buffer of another format than 32BGRA")
        }
        let (width, height) = (CVPixelBufferGetWidth(buffer), CVPixelBufferGetHeight(buffer))
        let values = try Self.withBytes(of: buffer, .readOnly) { bytes, bytesPerRow in
            [UInt8](unsafeUninitializedCapacity: 3 * width * height) { target, initialized in
                for index in 0..<width * height {
                    let pixel = index / width * bytesPerRow + index % width * 4
                    for channel in 0..<3 { target[3 * index + channel] = bytes[pixel + 2 - channel] }
                }
                initialized = 3 * width * height
            }
        }
        try self.init(width: width, height: height, values: values)
    }

    /// Returns a new `kCVPixelFormatType_32BGRA` buffer with these pixels.
    ///
    /// - Throws: ``EdgeVitError/unreadableImage(_:)`` where Core Video cannot make one.
    func pixelBuffer() throws -> CVPixelBuffer {
        var made: CVPixelBuffer?
        let status = CVPixelBufferCreate(nil, width, height, kCVPixelFormatType_32BGRA, nil, &made)
        guard status == kCVReturnSuccess, let buffer = made else {
            throw EdgeVitError.unreadableImage("no pixel buffer of \(width) x \(height) pixels")
        }
        try Self.withBytes(of: buffer, []) { writeBGRA(to: $0, bytesPerRow: $1) }
        return buffer
    }

    private static func withBytes<Result>(
        of buffer: CVPixelBuffer, _ flags: CVPixelBufferLockFlags,
        _ body: (UnsafeMutableRawBufferPointer, Int) throws -> Result
    ) throws -> Result {
        guard CVPixelBufferLockBaseAddress(buffer, flags) == kCVReturnSuccess else {
            throw EdgeVitError.unreadableImage("a pixel buffer that cannot be locked")
        }
        defer { CVPixelBufferUnlockBaseAddress(buffer, flags) }
        guard let start = CVPixelBufferGetBaseAddress(buffer) else {
            throw EdgeVitError.unreadableImage("a pixel buffer without memory")
        }
        let bytesPerRow = CVPixelBufferGetBytesPerRow(buffer)
        let count = bytesPerRow * CVPixelBufferGetHeight(buffer)
        return try body(UnsafeMutableRawBufferPointer(start: start, count: count), bytesPerRow)
    }
}
