import EdgeVitCore
import Foundation
import Testing

@Suite("Preprocessing computes Python's pixels")
struct PreprocessorTests {
    @Test("bit for bit", arguments: try Vectors.load("preprocessing", as: Vectors.Preprocessing.self))
    func golden(vector: Vectors.Preprocessing) throws {
        let stored = try RGBImage(width: vector.width, height: vector.height, values: Array(vector.pixels))
        let orientation = try #require(Orientation(rawValue: vector.orientation))
        let preprocessor = Preprocessor(
            width: vector.targetWidth, height: vector.targetHeight, cropFraction: vector.cropFraction)
        let result = preprocessor(orientation.upright(stored))
        #expect(result.width == vector.targetWidth)
        #expect(result.height == vector.targetHeight)
        #expect(Data(result.values) == vector.expected)
    }

    @Test("all vectors were read")
    func count() throws {
        #expect(try Vectors.load("preprocessing", as: Vectors.Preprocessing.self).count >= 19)
    }

    @Test("a very narrow image covers the input")
    func narrow() {
        let plan = Preprocessor(width: 256, height: 256, cropFraction: 0.9).plan(width: 1, height: 9000)
        #expect(plan.size.width == 284)
        #expect(plan.size.height == 284 * 9000)
        #expect(plan.crop == PixelRect(left: 14, top: 1_277_872, width: 256, height: 256))
    }

    @Test(
        "sizes that do not fit their values are refused", arguments: [(0, 4), (4, 0), (-1, -1), (2, 3), (Int.max, 2)])
    func sizes(width: Int, height: Int) {
        #expect(throws: EdgeVitError.self) {
            try RGBImage(width: width, height: height, values: [1, 2, 3])
        }
    }

    @Test("pixels are written as blue, green, red, 255, row by row")
    func layout() throws {
        let image = try RGBImage(width: 2, height: 2, values: Array(1...12))
        var bytes = [UInt8](repeating: 0, count: 24)
        bytes.withUnsafeMutableBytes { image.writeBGRA(to: $0, bytesPerRow: 12) }
        #expect(
            bytes == [3, 2, 1, 255, 6, 5, 4, 255, 0, 0, 0, 0, 9, 8, 7, 255, 12, 11, 10, 255, 0, 0, 0, 0])
    }
}
