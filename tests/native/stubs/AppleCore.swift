// What Core Foundation, Foundation and Dispatch of Apple's systems have and the toolchain's on Linux lack. It is
// imported implicitly (-import-module), as the real ones need no import of their own.
import Dispatch
@_exported import Foundation

public final class CFAllocator: @unchecked Sendable {}
public final class CFDictionary: @unchecked Sendable {}
public final class CFString: @unchecked Sendable {
    let text: String
    public init(stub text: String) { self.text = text }
}
public typealias OSType = UInt32

extension ProcessInfo {
    public enum ThermalState: Int, Sendable {
        case nominal, fair, serious, critical
    }
    public var thermalState: ThermalState { StubProcess.thermalState }
    public var isLowPowerModeEnabled: Bool { StubProcess.lowPower }
}

/// The process's state as a test sets it.
public enum StubProcess {
    nonisolated(unsafe) public static var thermalState = ProcessInfo.ThermalState.nominal
    nonisolated(unsafe) public static var lowPower = false
}

public protocol DispatchSourceMemoryPressure: DispatchSourceProtocol, Sendable {}

extension DispatchSource {
    public struct MemoryPressureEvent: OptionSet, Sendable {
        public let rawValue: UInt
        public init(rawValue: UInt) { self.rawValue = rawValue }
        public static let normal = MemoryPressureEvent(rawValue: 1)
        public static let warning = MemoryPressureEvent(rawValue: 2)
        public static let critical = MemoryPressureEvent(rawValue: 4)
    }

    public class func makeMemoryPressureSource(
        eventMask: MemoryPressureEvent, queue: DispatchQueue? = nil
    ) -> any DispatchSourceMemoryPressure {
        StubMemoryPressure()
    }
}

/// Memory pressure when a test says so.
public final class StubMemoryPressure: DispatchSourceMemoryPressure, @unchecked Sendable {
    nonisolated(unsafe) public static var current: [StubMemoryPressure] = []
    public typealias Handler = @convention(block) () -> Void
    private var handler: Handler?

    init() { Self.current.append(self) }

    /// Calls every handler that is installed.
    public static func raise() { current.forEach { $0.handler?() } }

    public func setEventHandler(qos: DispatchQoS, flags: DispatchWorkItemFlags, handler: Handler?) {
        self.handler = handler
    }
    public func resume() {}
    public func cancel() { Self.current.removeAll { $0 === self } }
}
