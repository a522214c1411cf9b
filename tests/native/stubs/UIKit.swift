// UIKit as far as the package and the app name it: declarations without behaviour.
@_exported import CoreGraphics
@_exported import Foundation

@MainActor open class UIDevice: NSObject {
    open class var current: UIDevice { fatalError() }
    nonisolated override init() {}
    open var batteryLevel: Float { 0 }
    open var isBatteryMonitoringEnabled: Bool = false
}

@MainActor open class UIApplication: NSObject {
    nonisolated override init() {}
    open class var shared: UIApplication { fatalError() }
    open var isIdleTimerDisabled: Bool = false
    nonisolated public class var didEnterBackgroundNotification: Notification.Name { fatalError() }
    nonisolated public class var willEnterForegroundNotification: Notification.Name { fatalError() }
}

open class UIImage: NSObject, @unchecked Sendable {
    public init?(data: Data) {}
    open var cgImage: CGImage? { nil }
    open var imageOrientation: Orientation { .up }

    public enum Orientation: Int, Sendable {
        case up, down, left, right, upMirrored, downMirrored, leftMirrored, rightMirrored
    }
}
