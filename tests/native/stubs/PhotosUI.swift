// PhotosUI as far as the app uses it: declarations without behaviour.
import SwiftUI

@available(iOS 16.0, macOS 13.0, *)
public protocol Transferable {}
@available(iOS 16.0, macOS 13.0, *)
extension Data: Transferable {}

@available(iOS 14.0, macOS 13.0, *)
public struct PHPickerFilter: Equatable, Hashable, Sendable {
    public static let images = PHPickerFilter()
}

@available(iOS 16.0, macOS 13.0, *)
public struct PhotosPickerItem: Equatable, Hashable, Sendable {
    public func loadTransferable<T: Transferable>(type: T.Type) async throws -> T? { nil }
}

@available(iOS 16.0, macOS 13.0, *)
@MainActor @preconcurrency public struct PhotosPicker: StubLeaf {
    public init(
        _ titleKey: LocalizedStringKey, selection: Binding<PhotosPickerItem?>, matching filter: PHPickerFilter? = nil
    ) {}
}
