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

    /// Where the pixel at (x, y) of the upright image is stored.
    private func source(_ x: Int, _ y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
        switch self {
        case .up: (x, y)
        case .upMirrored: (width - 1 - x, y)
        case .down: (width - 1 - x, height - 1 - y)
        case .downMirrored: (x, height - 1 - y)
        case .leftMirrored: (y, x)
        case .right: (y, height - 1 - x)
        case .rightMirrored: (width - 1 - y, height - 1 - x)
        case .left: (width - 1 - y, x)
        }
    }

    /// The image as it is meant to be seen.
    public func upright(_ image: RGBImage) -> RGBImage {
        guard self != .up else { return image }
        let width = swapsSides ? image.height : image.width
        let height = swapsSides ? image.width : image.height
        var values = [UInt8](repeating: 0, count: image.values.count)
        for y in 0..<height {
            for x in 0..<width {
                let stored = source(x, y, width: image.width, height: image.height)
                let (from, to) = (3 * (stored.y * image.width + stored.x), 3 * (y * width + x))
                for channel in 0..<3 { values[to + channel] = image.values[from + channel] }
            }
        }
        return RGBImage(unchecked: values, width: width, height: height)
    }
}
