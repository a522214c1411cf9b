// Dispatch as far as the package names it, for type checks against an iOS triple: declarations without behaviour.

public struct DispatchQoS: Sendable {
    public static let utility = DispatchQoS()
}
public struct DispatchWorkItemFlags: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
}
open class DispatchQueue: @unchecked Sendable {
    public convenience init(label: String) { fatalError() }
    init() {}
}
open class DispatchSource {}

public protocol DispatchSourceProtocol {
    typealias DispatchSourceHandler = @convention(block) () -> Void
    func setEventHandler(qos: DispatchQoS, flags: DispatchWorkItemFlags, handler: DispatchSourceHandler?)
    func resume()
    func cancel()
}

public struct DispatchTime: Sendable {
    public static func now() -> DispatchTime { DispatchTime() }
    public var uptimeNanoseconds: UInt64 { 0 }
}
