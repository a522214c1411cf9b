import EdgeVitKit
import XCTest

@testable import EdgeVitBench

/// What Xcode Cloud or a device farm runs: the golden self-test, and the time and memory of the model with the way to
/// it. ``Probe`` measures more carefully, since XCTest's clock also counts its own waiting.
final class ModelTests: XCTestCase {
    /// Runs in one measurement, so that the test's own costs are a small part of it.
    private static let runs = 50
    private static let patience = 120.0

    func testThisDeviceGivesPyTorchsAnswers() async throws {
        for result in try await EdgeVit().selfTest() {
            XCTAssertTrue(result.samePixels, "\(result.photo): \(result.mistake?.advice ?? "other pixels")")
            XCTAssertTrue(result.sameAnswer, "\(result.photo): another answer than PyTorch's")
        }
    }

    func testTimeAndMemoryOfFiftyPictures() throws {
        let picture = try Self.picture()
        let loaded = Loaded()
        finish("the first picture") { try await loaded.look(at: picture) }
        measure(metrics: [XCTClockMetric(), XCTCPUMetric(), XCTMemoryMetric()]) {
            finish("\(Self.runs) pictures") {
                for _ in 0..<Self.runs { try await loaded.look(at: picture) }
            }
        }
    }

    /// `measure` takes what is not asynchronous; so the test waits.
    private func finish(_ what: String, _ work: @escaping @Sendable () async throws -> Void) {
        let done = expectation(description: what)
        Task {
            do {
                try await work()
            } catch {
                XCTFail("\(what): \(error.localizedDescription)")
            }
            done.fulfill()
        }
        wait(for: [done], timeout: Self.patience)
    }

    private static func picture() throws -> RGBImage {
        try RGBImage(width: 640, height: 480, values: (0..<640 * 480 * 3).map { UInt8(truncatingIfNeeded: $0 / 3) })
    }
}

/// The model, loaded at its first use.
private actor Loaded {
    private var model: EdgeVit?

    func look(at picture: RGBImage) async throws {
        let model = if let model { model } else { try await EdgeVit() }
        self.model = model
        _ = try await model.look(at: picture, .up)
    }
}
