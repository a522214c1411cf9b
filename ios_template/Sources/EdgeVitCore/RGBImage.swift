/// An image of 8-bit red, green and blue values, row by row from the top left.
public struct RGBImage: Sendable, Hashable {
    public let width: Int
    public let height: Int

    /// `width * height * 3` values: red, green, blue, red, ...
    public let values: [UInt8]

    /// - Throws: ``EdgeVitError/unreadableImage(_:)`` where the sizes are not positive or do not match `values`.
    public init(width: Int, height: Int, values: [UInt8]) throws {
        let (area, overflow) = width.multipliedReportingOverflow(by: height)
        guard width > 0, height > 0, !overflow, values.count % 3 == 0, values.count / 3 == area else {
            throw EdgeVitError.unreadableImage("\(values.count) values for \(width) x \(height) pixels")
        }
        self.init(unchecked: values, width: width, height: height)
    }

    init(unchecked values: [UInt8], width: Int, height: Int) {
        self.width = width
        self.height = height
        self.values = values
    }

    /// Writes the pixels as blue, green, red, 255: the layout of `kCVPixelFormatType_32BGRA`.
    ///
    /// - Parameters:
    ///   - target: At least `height * bytesPerRow` bytes.
    ///   - bytesPerRow: Distance between rows, at least `4 * width`.
    public func writeBGRA(to target: UnsafeMutableRawBufferPointer, bytesPerRow: Int) {
        values.withUnsafeBufferPointer { source in
            for y in 0..<height {
                for x in 0..<width {
                    let (from, to) = (3 * (y * width + x), y * bytesPerRow + 4 * x)
                    target[to] = source[from + 2]
                    target[to + 1] = source[from + 1]
                    target[to + 2] = source[from]
                    target[to + 3] = 255
                }
            }
        }
    }
}
