import Dispatch
import EdgeVitCore
import Foundation

#if canImport(UIKit)
    import UIKit
#endif
#if os(iOS)
    import os
#endif

/// This device as a probe sees it.
actor ProbedDevice: ProbeDevice {
    private var pending: [ProbeEvent.Kind] = []
    private var inBackground = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var memoryPressure: MemoryPressure?
    private var observers: [Task<Void, Never>] = []

    init() async {
        memoryPressure = MemoryPressure { [weak self] in
            Task { await self?.note(.memoryWarning) }
        }
        #if canImport(UIKit)
            await MainActor.run { UIDevice.current.isBatteryMonitoringEnabled = true }
            observe(UIApplication.didEnterBackgroundNotification) { await $0.note(.background) }
            observe(UIApplication.willEnterForegroundNotification) { await $0.returned() }
        #endif
    }

    deinit {
        for observer in observers { observer.cancel() }
    }

    nonisolated func now() -> Int {
        Int(DispatchTime.now().uptimeNanoseconds)
    }

    func conditions() async -> Conditions {
        let process = ProcessInfo.processInfo
        return Conditions(
            thermal: Thermal(process.thermalState), lowPower: process.isLowPowerModeEnabled, battery: await battery(),
            freeMemory: freeMemory(), footprint: Footprint.bytes())
    }

    func events() -> [ProbeEvent.Kind] {
        defer { pending = [] }
        return pending
    }

    func foreground() async throws {
        if inBackground { await withCheckedContinuation { waiting.append($0) } }
        try Task.checkCancellation()
    }

    private func note(_ kind: ProbeEvent.Kind) {
        pending.append(kind)
        if kind == .background { inBackground = true }
    }

    private func returned() {
        inBackground = false
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    private func battery() async -> Int? {
        #if canImport(UIKit)
            // The system says -1 where it does not know.
            let level = await MainActor.run { UIDevice.current.batteryLevel }
            return level < 0 ? nil : Int((level * 100).rounded())
        #else
            return nil
        #endif
    }

    private nonisolated func freeMemory() -> Int? {
        #if os(iOS)
            // A simulator says 0.
            let free = Int(os_proc_available_memory())
            return free > 0 ? free : nil
        #else
            return nil
        #endif
    }

    #if canImport(UIKit)
        private func observe(
            _ name: Notification.Name, _ action: @escaping @Sendable (ProbedDevice) async -> Void
        ) {
            observers.append(
                Task { [weak self] in
                    for await _ in NotificationCenter.default.notifications(named: name).map({ _ in () }) {
                        guard let self else { return }
                        await action(self)
                    }
                })
        }
    #endif
}

extension Thermal {
    /// The system's state; one that it does not have yet counts as the hottest.
    init(_ state: ProcessInfo.ThermalState) {
        switch state {
        case .nominal: self = .nominal
        case .fair: self = .fair
        case .serious: self = .serious
        case .critical: self = .critical
        @unknown default: self = .critical
        }
    }
}
