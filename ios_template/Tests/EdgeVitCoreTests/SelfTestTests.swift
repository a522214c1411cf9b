import Foundation
import Testing

@testable import EdgeVitCore

@Suite("Self-test")
struct SelfTestTests {
    private struct Photo: Decodable {
        let name: String
        let width: Int
        let height: Int
        let pixels: Data
    }

    private func photographs() throws -> [String: RGBImage] {
        let photos = try Vectors.load("photos", as: Photo.self)
        return try Dictionary(
            uniqueKeysWithValues: photos.map {
                ($0.name, try RGBImage(width: $0.width, height: $0.height, values: Array($0.pixels)))
            })
    }

    private func info() throws -> ModelInfo {
        try ModelInfo(json: Vectors.data("sample-edgevit"))
    }

    @Test(
        "SHA-256 of FIPS 180-4's examples and of a long message",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func digests(message: String, digest: String) {
        #expect(SHA256.hex(Array(message.utf8)) == digest)
    }

    @Test("agreement by hand")
    func agreement() throws {
        let equal = try #require(Agreement(reference: [0, 1, 3], actual: [0, 1, 3]))
        #expect(equal.psnr == .infinity)
        #expect(equal.sameTop)
        #expect(abs(equal.margin - 2.0 / 3) < 1e-12)
        let off = try #require(Agreement(reference: [0, 1, 10], actual: [0, 1, 9]))
        #expect(abs(off.psnr - 20 * log10(10 / (1.0 / 3).squareRoot())) < 1e-9)
        #expect(off.maxAbs == 1)
        #expect(Agreement(reference: [0, 2, 1], actual: [0, 1, 2])?.sameTop == false)
        #expect(Agreement(reference: [1], actual: [1, 2]) == nil)
        #expect(Agreement(reference: [1], actual: [.nan]) == nil)
        #expect(Agreement(reference: [], actual: []) == nil)
    }

    @Test("tolerances: probabilities by their difference, arrays by PSNR, the best class unless it was close")
    func tolerance() throws {
        let tolerance = Tolerance(psnr: 50, probability: 0.02, margin: 0.01)
        let close = try #require(Agreement(reference: [0.9, 0.1], actual: [0.885, 0.115]))
        #expect(tolerance.allows(close, probabilities: true))
        #expect(!tolerance.allows(close, probabilities: false))
        let swapped = try #require(Agreement(reference: [0.5, 0.49, 0.01], actual: [0.49, 0.5, 0.01]))
        #expect(!tolerance.allows(swapped, probabilities: true))
        let tied = try #require(Agreement(reference: [0.5, 0.499, 0.001], actual: [0.499, 0.5, 0.001]))
        #expect(tolerance.allows(tied, probabilities: true))
    }

    @Test("of larger outputs the same elements are kept as in Python")
    func sampled() {
        let values = (0..<10_000).map(Double.init)
        let kept = Golden.sampled(values)
        #expect(kept.count == 4096)
        #expect(kept[1] == 2)
        #expect(kept[4095] == Double(4095 * 10_000 / 4096))
        #expect(Golden.sampled([1, 2]) == [1, 2])
    }

    @Test("golden outputs are read, and their pixels are what the preprocessing makes")
    func golden() throws {
        let golden = try Golden(json: Vectors.data("sample-golden"))
        let (photographs, info) = (try photographs(), try info())
        #expect(golden.photos.count == photographs.count)
        for photo in golden.photos {
            let photograph = try #require(photographs[photo.name])
            let pixels = Preprocessor(info.input)(photograph)
            let answers = photo.outputs.map(\.values)
            #expect(abs(answers[0].reduce(0, +) - 1) < 1e-5)
            let result = SelfTestResult(
                golden: photo, photograph: photograph, pixels: pixels, answers: answers, info: info)
            #expect(result.passed)
            #expect(result.mistake == nil)
            let wrong = SelfTestResult(
                golden: photo, photograph: photograph, pixels: pixels, answers: [answers[0].reversed()], info: info)
            #expect(wrong.samePixels && !wrong.sameAnswer)
            let missing = SelfTestResult(
                golden: photo, photograph: photograph, pixels: pixels, answers: [], info: info)
            #expect(!missing.passed)
        }
    }

    @Test("every usual mistake is named", arguments: ImageMistake.allCases)
    func mistakes(mistake: ImageMistake) throws {
        // A square photograph cannot show that it was stretched.
        let photograph = try #require(photographs()["coffee"])
        let info = try info()
        let preprocessor = Preprocessor(info.input)
        let pixels = mistake.applied(to: photograph, preprocessor, info.input)
        #expect(pixels != preprocessor(photograph))
        #expect(ImageMistake.explaining(pixels, of: photograph, input: info.input) == mistake)
        #expect(mistake.advice.hasSuffix("."))
    }

    @Test("a slightly different resize, noise and another image are not called by a wrong name")
    func unnamed() throws {
        let (photographs, info) = (try photographs(), try info())
        let photograph = try #require(photographs["coffee"])
        let right = Preprocessor(info.input)(photograph)
        let near = RGBImage(unchecked: right.values.map { $0 ^ 1 }, width: right.width, height: right.height)
        #expect(ImageMistake.explaining(near, of: photograph, input: info.input) == nil)
        let other = Preprocessor(info.input)(try #require(photographs["astronaut"]))
        #expect(ImageMistake.explaining(other, of: photograph, input: info.input) == nil)
        #expect(ImageMistake.explaining(photograph, of: photograph, input: info.input) == nil)
    }

    @Test("the golden outputs of this package are complete")
    func packaged() throws {
        let golden = try Golden(json: ModelInfoTests.packaged("golden.json"))
        #expect(!golden.photos.isEmpty)
        for output in golden.photos.flatMap(\.outputs) {
            #expect(output.values.count == min(4096, output.shape.reduce(1, *)))
            #expect(output.values.filter(\.isFinite).count == output.values.count)
        }
    }

    @Test("damaged golden outputs are refused", arguments: ["", "{}", #"{"schema": "other/1", "photos": []}"#])
    func damaged(text: String) {
        #expect(throws: EdgeVitError.self) { try Golden(json: Data(text.utf8)) }
    }
}
