// XCTest as far as the app's tests use it, in place of the toolchain's, which has no metrics.
@_exported import Foundation

open class XCTestCase: NSObject {
    override public init() {}
    public func measure(metrics: [any XCTMetric], block: () -> Void) {}
    public func expectation(description: String) -> XCTestExpectation { XCTestExpectation(description: description) }
    @available(*, noasync)
    public func wait(for expectations: [XCTestExpectation], timeout seconds: TimeInterval) {}
}
open class XCTestExpectation: NSObject, @unchecked Sendable {
    public init(description expectationDescription: String) {}
    open func fulfill() {}
}

public protocol XCTMetric {}
open class XCTClockMetric: NSObject, XCTMetric {
    override public init() {}
}
open class XCTCPUMetric: NSObject, XCTMetric {
    override public init() {}
}
open class XCTMemoryMetric: NSObject, XCTMetric {
    override public init() {}
}

public func XCTAssertTrue(
    _ expression: @autoclosure () throws -> Bool, _ message: @autoclosure () -> String = "",
    file: StaticString = #filePath, line: UInt = #line
) {}
public func XCTFail(_ message: String = "", file: StaticString = #filePath, line: UInt = #line) {}
