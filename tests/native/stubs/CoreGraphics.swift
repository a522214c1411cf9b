// Core Graphics as far as the package uses it. Images hold real pixels, so that drawing can be checked.
@_exported import AppleCore

public enum CGColorSpaceModel: Int32, Sendable {
    case unknown = -1
    case monochrome, rgb, cmyk, lab, deviceN, indexed, pattern
}

public final class CGColorSpace: @unchecked Sendable {
    public static let sRGB = CFString(stub: "sRGB")

    public var model: CGColorSpaceModel { stubModel }
    @available(iOS 10.0, macOS 10.12, *)
    public var supportsOutput: Bool { stubOutput }

    public init?(name: CFString) {
        stubModel = .rgb
        stubOutput = true
    }

    let stubModel: CGColorSpaceModel
    let stubOutput: Bool
    public init(stub model: CGColorSpaceModel, output: Bool = true) {
        stubModel = model
        stubOutput = output
    }
}

public enum CGImageAlphaInfo: UInt32, Sendable {
    case none, premultipliedLast, premultipliedFirst, last, first, noneSkipLast, noneSkipFirst, alphaOnly
}

public enum CGColorRenderingIntent: Int32, Sendable {
    case defaultIntent, absoluteColorimetric, relativeColorimetric, perceptual, saturation
}

public final class CGDataProvider: @unchecked Sendable {
    let stubPath: String

    public init?(filename: UnsafePointer<CChar>) {
        stubPath = String(cString: filename)
        guard (try? Data(contentsOf: URL(fileURLWithPath: stubPath))) != nil else { return nil }
    }
}

/// Decoded images by the path's last component, as there is no decoder here.
public enum StubPNG {
    nonisolated(unsafe) public static var decoded: [String: CGImage] = [:]
}

public final class CGImage: @unchecked Sendable {
    public var width: Int { stubWidth }
    public var height: Int { stubHeight }
    public var colorSpace: CGColorSpace? { stubSpace }

    let stubWidth: Int
    let stubHeight: Int
    let stubSpace: CGColorSpace?
    /// Red, green, blue, row by row.
    let stubValues: [UInt8]

    public convenience init?(
        pngDataProviderSource source: CGDataProvider, decode: UnsafePointer<CGFloat>?, shouldInterpolate: Bool,
        intent: CGColorRenderingIntent
    ) {
        let name = URL(fileURLWithPath: source.stubPath).lastPathComponent
        guard let image = StubPNG.decoded[name] else { return nil }
        self.init(stub: image.stubValues, width: image.width, height: image.height)
    }

    public init(stub values: [UInt8], width: Int, height: Int, space: CGColorSpace? = CGColorSpace(stub: .rgb)) {
        (stubValues, stubWidth, stubHeight, stubSpace) = (values, width, height, space)
    }
}

/// Draws into 8-bit grey or into 32-bit pixels with a skipped fourth byte, images at their own size only.
public final class CGContext {
    public let width: Int
    public let height: Int
    private let target: UnsafeMutableRawPointer
    private let bytesPerRow: Int
    private let channels: Int
    private let owned: Bool

    public init?(
        data: UnsafeMutableRawPointer?, width: Int, height: Int, bitsPerComponent: Int, bytesPerRow: Int,
        space: CGColorSpace, bitmapInfo: UInt32
    ) {
        switch (space.model, CGImageAlphaInfo(rawValue: bitmapInfo)) {
        case (.rgb, .some(.noneSkipLast)): channels = 4
        case (.monochrome, .some(.none)): channels = 1
        default: return nil
        }
        let row = data == nil && bytesPerRow == 0 ? channels * width : bytesPerRow
        guard width > 0, height > 0, bitsPerComponent == 8, row >= channels * width, space.supportsOutput else {
            return nil
        }
        owned = data == nil
        target = data ?? .allocate(byteCount: row * height, alignment: 16)
        if owned { target.initializeMemory(as: UInt8.self, repeating: 0, count: row * height) }
        (self.width, self.height, self.bytesPerRow) = (width, height, row)
    }
    deinit { if owned { target.deallocate() } }

    public func makeImage() -> CGImage? {
        guard channels == 4 else { return nil }
        let values = (0..<width * height * 3).map { index in
            target.load(
                fromByteOffset: index / 3 / width * bytesPerRow + index / 3 % width * 4 + index % 3, as: UInt8.self)
        }
        return CGImage(stub: values, width: width, height: height)
    }

    public func draw(_ image: CGImage, in rect: CGRect, byTiling: Bool = false) {
        precondition(rect == CGRect(x: 0, y: 0, width: CGFloat(image.width), height: CGFloat(image.height)))
        for index in 0..<image.width * image.height {
            let place = index / image.width * bytesPerRow + index % image.width * channels
            for channel in 0..<min(3, channels) {
                target.storeBytes(
                    of: image.stubValues[3 * index + channel], toByteOffset: place + channel, as: UInt8.self)
            }
        }
    }
}
