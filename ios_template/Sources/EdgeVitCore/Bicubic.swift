import Foundation

/// Antialiased bicubic resampling of 8-bit images, bit for bit as Pillow's `Image.resize(..., BICUBIC)` does it:
/// weights in 64-bit floating point, rounded to fixed point, one pass along rows and one along columns, each rounded
/// and clipped to 8 bits.
enum Bicubic {
    /// Fraction bits of a fixed-point weight: 32 less 8 of the pixel less 2 for the kernel's overshoot.
    static let fractionBits: Int32 = 22

    /// How each output position of one axis is made from input positions.
    struct Weights {
        /// First input position of each output position.
        var starts: [Int] = []
        /// How many input positions each output position reads.
        var counts: [Int] = []
        /// Fixed-point weights, `stride` for each output position.
        var values: [Int32] = []
        let stride: Int

        /// - Parameters:
        ///   - input: Input length in pixels.
        ///   - output: Output length in pixels.
        ///   - range: Which output positions are wanted.
        init(input: Int, output: Int, range: Range<Int>) {
            let scale = Double(input) / Double(output)
            let stretch = max(scale, 1)
            let (support, shrink) = (2 * stretch, 1 / stretch)
            stride = Int(support.rounded(.up)) * 2 + 1
            for position in range {
                let centre = (Double(position) + 0.5) * scale
                let start = max(0, Int(centre - support + 0.5))
                let end = min(input, Int(centre + support + 0.5))
                append(start: start, weights: (start..<end).map { kernel((Double($0) - centre + 0.5) * shrink) })
            }
        }

        private mutating func append(start: Int, weights: [Double]) {
            let sum = weights.reduce(0, +)
            starts.append(start)
            counts.append(weights.count)
            values += weights.map { fixedPoint(sum == 0 ? $0 : $0 / sum) }
            values += [Int32](repeating: 0, count: stride - weights.count)
        }
    }

    /// Keys' cubic convolution kernel with a = -1/2 at distance `x`.
    static func kernel(_ x: Double) -> Double {
        let a = -0.5
        let x = abs(x)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }

    private static func fixedPoint(_ weight: Double) -> Int32 {
        let scaled = weight * Double(1 << fractionBits)
        return Int32(weight < 0 ? scaled - 0.5 : scaled + 0.5)
    }

    /// Mixes `count` pixels, `step` values apart, into one channel value.
    @inline(__always)
    static func mix(
        _ pixels: UnsafePointer<UInt8>, step: Int, weights: UnsafePointer<Int32>, count: Int
    ) -> UInt8 {
        var sum = Int32(1) << (fractionBits - 1)
        for index in 0..<count { sum &+= Int32(pixels[index &* step]) &* weights[index] }
        return UInt8(clamping: sum >> fractionBits)
    }
}
