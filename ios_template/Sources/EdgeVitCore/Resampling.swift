/// A rectangle of whole pixels.
public struct PixelRect: Sendable, Hashable {
    public let left: Int
    public let top: Int
    public let width: Int
    public let height: Int

    public init(left: Int, top: Int, width: Int, height: Int) {
        self.left = left
        self.top = top
        self.width = width
        self.height = height
    }
}

extension RGBImage {
    /// Resizes to `size` and keeps `crop` of the result; only the pixels that are kept are computed.
    ///
    /// - Parameters:
    ///   - size: Width and height of the whole resized image, at least 1.
    ///   - crop: Part of the resized image, inside it.
    public func resized(to size: (width: Int, height: Int), keeping crop: PixelRect) -> RGBImage {
        let columns = Bicubic.Weights(
            input: width, output: size.width, range: crop.left..<crop.left + crop.width)
        let rows = Bicubic.Weights(
            input: height, output: size.height, range: crop.top..<crop.top + crop.height)
        return resampledColumns(columns).resampledRows(rows)
    }

    private func resampledColumns(_ weights: Bicubic.Weights) -> RGBImage {
        let newWidth = weights.starts.count
        return filled(width: newWidth, height: height) { source, target in
            weights.values.withUnsafeBufferPointer { fixed in
                guard let pixels = source.baseAddress, let table = fixed.baseAddress else { return }
                for y in 0..<height {
                    for x in 0..<newWidth {
                        let first = pixels + 3 * (y * width + weights.starts[x])
                        for channel in 0..<3 {
                            target[3 * (y * newWidth + x) + channel] = Bicubic.mix(
                                first + channel, step: 3, weights: table + x * weights.stride, count: weights.counts[x])
                        }
                    }
                }
            }
        }
    }

    private func resampledRows(_ weights: Bicubic.Weights) -> RGBImage {
        let newHeight = weights.starts.count
        let row = 3 * width
        return filled(width: width, height: newHeight) { source, target in
            weights.values.withUnsafeBufferPointer { fixed in
                guard let pixels = source.baseAddress, let table = fixed.baseAddress else { return }
                for y in 0..<newHeight {
                    let first = pixels + row * weights.starts[y]
                    for offset in 0..<row {
                        target[row * y + offset] = Bicubic.mix(
                            first + offset, step: row, weights: table + y * weights.stride, count: weights.counts[y])
                    }
                }
            }
        }
    }

    private func filled(
        width newWidth: Int, height newHeight: Int,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) -> Void
    ) -> RGBImage {
        let count = 3 * newWidth * newHeight
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            target.initialize(repeating: 0)
            values.withUnsafeBufferPointer { body($0, target) }
            initialized = count
        }
        return RGBImage(unchecked: pixels, width: newWidth, height: newHeight)
    }
}
