// UIKit as far as the package names it, for type checks against an iOS triple: declarations without behaviour.
@_exported import Foundation

@MainActor open class UIDevice: NSObject {
    open class var current: UIDevice { fatalError() }
    nonisolated override init() {}
    open var batteryLevel: Float { 0 }
    open var isBatteryMonitoringEnabled: Bool = false
}

@MainActor open class UIApplication: NSObject {
    nonisolated override init() {}
    nonisolated public class var didEnterBackgroundNotification: Notification.Name { fatalError() }
    nonisolated public class var willEnterForegroundNotification: Notification.Name { fatalError() }
}
