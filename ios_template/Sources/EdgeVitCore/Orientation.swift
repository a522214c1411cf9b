/// How stored pixels must be turned for display; raw values are Exif's.
public enum Orientation: UInt32, Sendable, CaseIterable {
    case up = 1
    case upMirrored = 2
    case down = 3
    case downMirrored = 4
    case leftMirrored = 5
    case right = 6
    case rightMirrored = 7
    case left = 8

    private var swapsSides: Bool { rawValue >= Orientation.leftMirrored.rawValue }

    /// Where the pixel at (x, y) of the upright image is stored, counted in pixels.
    private func source(_ x: Int, _ y: Int, width: Int, height: Int) -> Int {
        switch self {
        case .up: y * width + x
        case .upMirrored: y * width + width - 1 - x
        case .down: (height - 1 - y) * width + width - 1 - x
        case .downMirrored: (height - 1 - y) * width + x
        case .leftMirrored: x * width + y
        case .right: (height - 1 - x) * width + y
        case .rightMirrored: (height - 1 - x) * width + width - 1 - y
        case .left: x * width + width - 1 - y
        }
    }

    /// The image as it is meant to be seen.
    public func upright(_ image: RGBImage) -> RGBImage {
        guard self != .up else { return image }
        let width = swapsSides ? image.height : image.width
        let height = swapsSides ? image.width : image.height
        let first = source(0, 0, width: image.width, height: image.height)
        let right = source(1, 0, width: image.width, height: image.height) - first
        let down = source(0, 1, width: image.width, height: image.height) - first
        let values = [UInt8](unsafeUninitializedCapacity: image.values.count) { target, initialized in
            image.values.withUnsafeBufferPointer { stored in
                for y in 0..<height {
                    for x in 0..<width {
                        let (from, to) = (3 * (first + x * right + y * down), 3 * (y * width + x))
                        target[to] = stored[from]
                        target[to + 1] = stored[from + 1]
                        target[to + 2] = stored[from + 2]
                    }
                }
            }
            initialized = image.values.count
        }
        return RGBImage(unchecked: values, width: width, height: height)
    }
}
