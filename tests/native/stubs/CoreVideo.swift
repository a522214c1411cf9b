// Core Video as far as the package uses it; buffers hold real bytes with padded rows, as the system's do.
@_exported import AppleCore

public typealias CVReturn = Int32
public let kCVReturnSuccess: CVReturn = 0
public let kCVReturnInvalidSize: CVReturn = -6681
public let kCVPixelFormatType_32BGRA: OSType = 0x4247_5241
/// Apple's is a CFString, which only its systems bridge to a String.
public let kCVPixelBufferPixelFormatTypeKey: String = "PixelFormatType"

public class CVBuffer {
    public let stubWidth: Int
    public let stubHeight: Int
    public let stubFormat: OSType
    public let stubBytesPerRow: Int
    let memory: UnsafeMutableRawPointer
    var locks = 0

    init(width: Int, height: Int, format: OSType) {
        (stubWidth, stubHeight, stubFormat) = (width, height, format)
        stubBytesPerRow = (4 * width + 63) / 64 * 64
        memory = .allocate(byteCount: stubBytesPerRow * height, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0xAA, count: stubBytesPerRow * height)
    }
    deinit { memory.deallocate() }

    /// A buffer that holds these red, green and blue values.
    public convenience init(stub values: [UInt8], width: Int, height: Int, format: OSType = kCVPixelFormatType_32BGRA) {
        self.init(width: width, height: height, format: format)
        for index in 0..<width * height {
            for channel in 0..<3 {
                memory.storeBytes(
                    of: values[3 * index + 2 - channel],
                    toByteOffset: index / width * stubBytesPerRow + index % width * 4 + channel, as: UInt8.self)
            }
        }
    }

    /// Blue, green, red, 255 of a pixel; nil while the buffer is locked.
    public func stubPixel(_ x: Int, _ y: Int) -> [UInt8]? {
        guard locks == 0 else { return nil }
        return (0..<4).map { memory.load(fromByteOffset: y * stubBytesPerRow + 4 * x + $0, as: UInt8.self) }
    }
}
public typealias CVImageBuffer = CVBuffer
public typealias CVPixelBuffer = CVImageBuffer

public struct CVPixelBufferLockFlags: OptionSet, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let readOnly = CVPixelBufferLockFlags(rawValue: 1)
}

public func CVPixelBufferCreate(
    _ allocator: CFAllocator?, _ width: Int, _ height: Int, _ pixelFormatType: OSType,
    _ pixelBufferAttributes: CFDictionary?, _ pixelBufferOut: UnsafeMutablePointer<CVPixelBuffer?>
) -> CVReturn {
    guard width > 0, height > 0 else { return kCVReturnInvalidSize }
    pixelBufferOut.pointee = CVBuffer(width: width, height: height, format: pixelFormatType)
    return kCVReturnSuccess
}

@discardableResult
public func CVPixelBufferLockBaseAddress(
    _ pixelBuffer: CVPixelBuffer, _ lockFlags: CVPixelBufferLockFlags
) -> CVReturn {
    pixelBuffer.locks += 1
    return kCVReturnSuccess
}

@discardableResult
public func CVPixelBufferUnlockBaseAddress(
    _ pixelBuffer: CVPixelBuffer, _ unlockFlags: CVPixelBufferLockFlags
) -> CVReturn {
    pixelBuffer.locks -= 1
    return kCVReturnSuccess
}

public func CVPixelBufferGetBaseAddress(_ pixelBuffer: CVPixelBuffer) -> UnsafeMutableRawPointer? {
    pixelBuffer.locks > 0 ? pixelBuffer.memory : nil
}

public func CVPixelBufferGetBytesPerRow(_ pixelBuffer: CVPixelBuffer) -> Int { pixelBuffer.stubBytesPerRow }

public func CVPixelBufferGetWidth(_ pixelBuffer: CVPixelBuffer) -> Int { pixelBuffer.stubWidth }
public func CVPixelBufferGetHeight(_ pixelBuffer: CVPixelBuffer) -> Int { pixelBuffer.stubHeight }
public func CVPixelBufferGetPixelFormatType(_ pixelBuffer: CVPixelBuffer) -> OSType { pixelBuffer.stubFormat }
