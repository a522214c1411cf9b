// Foundation as far as the package names it, for type checks against an iOS triple: declarations without behaviour.
// Members newer than the oldest deployment target carry their availability, so that using one unchecked is an error.

open class NSObject: Equatable, Hashable {
    public init() {}
    public static func == (left: NSObject, right: NSObject) -> Bool { left === right }
    public func hash(into hasher: inout Hasher) {}
}

open class NSNumber: NSObject {
    open var doubleValue: Double { 0 }
}

public func exp(_ x: Double) -> Double { x }

public struct Data: Hashable, Sendable, Codable {
    public init(contentsOf url: URL) throws {}
    public struct WritingOptions: OptionSet, Sendable {
        public let rawValue: UInt
        public init(rawValue: UInt) { self.rawValue = rawValue }
        public static let atomic = WritingOptions(rawValue: 1)
    }
    public func write(to url: URL, options: WritingOptions = []) throws {}
}

public struct URL: Hashable, Sendable {
    public init(fileURLWithPath path: String) {}
    public var path: String { "" }
    public var lastPathComponent: String { "" }
    public func appendingPathComponent(_ pathComponent: String) -> URL { self }
    public func appendingPathExtension(_ pathExtension: String) -> URL { self }
    public func deletingPathExtension() -> URL { self }
    public func appendingPathComponent(_ pathComponent: String, isDirectory: Bool) -> URL { self }
    @available(iOS 16.0, macOS 13.0, *)
    public static var cachesDirectory: URL { fatalError() }
    @available(iOS 16.0, macOS 13.0, *)
    public func appending(path: String) -> URL { self }
}

public struct URLResourceKey: Hashable, Sendable {}

open class Bundle: NSObject, @unchecked Sendable {
    public class var main: Bundle { fatalError() }
    open func url(forResource name: String?, withExtension ext: String?) -> URL? { nil }
}

open class FileManager: NSObject, @unchecked Sendable {
    public class var `default`: FileManager { fatalError() }
    public enum SearchPathDirectory: UInt, Sendable {
        case documentDirectory = 9
        case cachesDirectory = 13
    }
    public struct SearchPathDomainMask: OptionSet, Sendable {
        public let rawValue: UInt
        public init(rawValue: UInt) { self.rawValue = rawValue }
        public static let userDomainMask = SearchPathDomainMask(rawValue: 1)
    }
    open func url(
        for directory: SearchPathDirectory, in domain: SearchPathDomainMask, appropriateFor url: URL?,
        create shouldCreate: Bool
    ) throws -> URL { fatalError() }
    open func urls(for directory: SearchPathDirectory, in domainMask: SearchPathDomainMask) -> [URL] { [] }
    open var temporaryDirectory: URL { fatalError() }
    open func fileExists(atPath path: String) -> Bool { false }
    open func createDirectory(at url: URL, withIntermediateDirectories createIntermediates: Bool) throws {}
    open func contentsOfDirectory(at url: URL, includingPropertiesForKeys keys: [URLResourceKey]?) throws -> [URL] {
        []
    }
    open func removeItem(at url: URL) throws {}
    open func moveItem(at sourceURL: URL, to destinationURL: URL) throws {}
}

public struct OperatingSystemVersion: Sendable {
    public var majorVersion: Int
    public var minorVersion: Int
    public var patchVersion: Int
}

open class ProcessInfo: NSObject, @unchecked Sendable {
    public class var processInfo: ProcessInfo { fatalError() }
    open var arguments: [String] { [] }
    open var environment: [String: String] { [:] }
    open var operatingSystemVersion: OperatingSystemVersion { fatalError() }
    open var operatingSystemVersionString: String { "" }
}

open class JSONDecoder {
    public init() {}
    open func decode<T: Decodable>(_ type: T.Type, from data: Data) throws -> T { fatalError() }
}

public protocol LocalizedError: Error {
    var errorDescription: String? { get }
    var recoverySuggestion: String? { get }
}
extension LocalizedError {
    public var errorDescription: String? { nil }
    public var recoverySuggestion: String? { nil }
}
extension Error {
    public var localizedDescription: String { "" }
}

extension String {
    public enum Encoding: Sendable { case utf8 }
    public init?(data: Data, encoding: Encoding) { nil }
    public init(format: String, _ arguments: any CVarArg...) {}
}

public struct CGFloat: Hashable, Sendable, ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) {}
    public init(_ value: Int) {}
    public static var infinity: CGFloat { fatalError() }
}
public typealias TimeInterval = Double
public struct CGRect: Hashable, Sendable {
    public init(x: CGFloat, y: CGFloat, width: CGFloat, height: CGFloat) {}
    public init(x: Int, y: Int, width: Int, height: Int) {}
}

public struct Date: Sendable {
    public init() {}
    public var timeIntervalSince1970: Double { 0 }
}

public struct Notification: Sendable {
    public struct Name: Hashable, Sendable {}
}
open class NotificationCenter: NSObject, @unchecked Sendable {
    public class var `default`: NotificationCenter { fatalError() }
    @available(iOS 15.0, macOS 12.0, *)
    public struct Notifications: AsyncSequence, Sendable {
        public struct AsyncIterator: AsyncIteratorProtocol {
            public mutating func next() async -> Notification? { nil }
        }
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
    }
    @available(iOS 15.0, macOS 12.0, *)
    public func notifications(named name: Notification.Name, object: (AnyObject & Sendable)? = nil) -> Notifications {
        fatalError()
    }
}

public struct utsname {
    public init() {}
    public var machine: (CChar, CChar, CChar, CChar) = (0, 0, 0, 0)
}
public func uname(_ name: UnsafeMutablePointer<utsname>) -> Int32 { 0 }

open class JSONEncoder {
    public init() {}
    open func encode<T: Encodable>(_ value: T) throws -> Data { fatalError() }
}
extension Data {
    public init(_ elements: some Sequence<UInt8>) {}
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: nil, count: 0))
    }
}

public func log10(_ x: Double) -> Double { x }
