import Dispatch

/// Calls back when the system runs short of memory, for as long as it lives.
final class MemoryPressure: Sendable {
    private let source: any DispatchSourceMemoryPressure

    init(_ action: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeMemoryPressureSource(eventMask: [.warning, .critical], queue: nil)
        source.setEventHandler(qos: .utility, flags: [], handler: action)
        source.resume()
    }

    deinit { source.cancel() }
}
