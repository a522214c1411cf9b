// What Core Foundation and Foundation of Apple's systems have and the toolchain's Foundation on Linux lacks.
@_exported import Foundation

public final class CFAllocator: @unchecked Sendable {}
public final class CFDictionary: @unchecked Sendable {}
public final class CFString: @unchecked Sendable {
    let text: String
    public init(stub text: String) { self.text = text }
}
public typealias OSType = UInt32
