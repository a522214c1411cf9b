// SwiftUI as far as the app uses it: declarations without behaviour.
//
// Texts are declared narrower than Apple's on purpose: a localized key can be made of a literal alone, and other text
// is taken as it is. So data that reaches a key, where it could format itself and hold links, does not type check.
@_exported import CoreGraphics
@_exported import Foundation
@_exported import UIKit

// MARK: Views

@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder @MainActor @preconcurrency var body: Self.Body { get }
}

extension Never: View {
    public var body: Never { fatalError() }
}

/// A view that is made of no others.
public protocol StubLeaf: View where Body == Never {}
extension StubLeaf { public var body: Never { fatalError() } }

public struct StubChanged<Content: View>: StubLeaf { nonisolated init() {} }
public struct StubBoth<Views>: StubLeaf { nonisolated init() {} }
public struct StubEither<First: View, Second: View>: StubLeaf { nonisolated init() {} }
public struct StubMaybe<Content: View>: StubLeaf { nonisolated init() {} }

@resultBuilder public struct ViewBuilder {
    public static func buildBlock() -> EmptyView { EmptyView() }
    public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
    public static func buildBlock<each Content: View>(_ content: repeat each Content) -> StubBoth<(repeat each Content)>
    { StubBoth() }
    public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
    public static func buildIf<Content: View>(_ content: Content?) -> StubMaybe<Content> { StubMaybe() }
    public static func buildEither<First: View, Second: View>(first: First) -> StubEither<First, Second> {
        StubEither()
    }
    public static func buildEither<First: View, Second: View>(second: Second) -> StubEither<First, Second> {
        StubEither()
    }
}

public struct EmptyView: StubLeaf {
    nonisolated public init() {}
}
public struct Spacer: StubLeaf {
    nonisolated public init() {}
}
public struct ProgressView: StubLeaf {
    public init(_ titleKey: LocalizedStringKey) {}
}

// MARK: Texts and images

public struct LocalizedStringKey: ExpressibleByStringLiteral {
    public init(stringLiteral value: StaticString) {}
}
public struct Text: StubLeaf {
    nonisolated public init(_ key: LocalizedStringKey) {}
    nonisolated public init(verbatim content: String) {}
}
public struct Label: StubLeaf {
    nonisolated public init(_ titleKey: LocalizedStringKey, systemImage name: String) {}
}
public struct Image: StubLeaf {
    nonisolated public init(systemName: String) {}
    nonisolated public init(decorative cgImage: CGImage, scale: CGFloat) {}
}
public struct Font: Hashable, Sendable {
    public static let footnote = Font()
}
public struct Color: Hashable, Sendable {
    public static let red = Color()
    public static let green = Color()
    public static let white = Color()
}

// MARK: Containers

public struct HorizontalAlignment: Equatable, Sendable {
    public static let leading = HorizontalAlignment()
    public static let center = HorizontalAlignment()
}
public struct VStack<Content: View>: StubLeaf {
    nonisolated public init(
        alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content
    ) {}
}
public struct HStack<Content: View>: StubLeaf {
    nonisolated public init(spacing: CGFloat? = nil, @ViewBuilder content: () -> Content) {}
}
@MainActor @preconcurrency public struct List<Content: View>: StubLeaf {
    public init(@ViewBuilder content: () -> Content) {}
}
public struct Section<Content: View>: StubLeaf {
    nonisolated public init(@ViewBuilder content: () -> Content) {}
    nonisolated public init(_ titleKey: LocalizedStringKey, @ViewBuilder content: () -> Content) {}
}
@MainActor @preconcurrency public struct TabView<Content: View>: StubLeaf {
    public init(@ViewBuilder content: () -> Content) {}
}
@available(iOS 16.0, macOS 13.0, *)
@MainActor @preconcurrency public struct NavigationStack<Root: View>: StubLeaf {
    public init(@ViewBuilder root: () -> Root) {}
}
@available(iOS 17.0, macOS 14.0, *)
public struct ContentUnavailableView: StubLeaf {
    nonisolated public init(_ title: LocalizedStringKey, systemImage name: String) {}
}
public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content: View>: StubLeaf {
    nonisolated public init(
        _ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: @escaping (Data.Element) -> Content
    ) {}
}
extension ForEach where Data.Element: Identifiable, ID == Data.Element.ID {
    nonisolated public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content) {}
}

// MARK: Controls

public struct Button: StubLeaf {
    nonisolated public init(_ titleKey: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
}
@MainActor @preconcurrency public struct Toggle: StubLeaf {
    public init(_ titleKey: LocalizedStringKey, isOn: Binding<Bool>) {}
}
@MainActor @preconcurrency public struct Picker<SelectionValue: Hashable, Content: View>: StubLeaf {
    public init(
        _ titleKey: LocalizedStringKey, selection: Binding<SelectionValue>, @ViewBuilder content: () -> Content
    ) {}
}
@MainActor @preconcurrency public struct Stepper: StubLeaf {
    public init<V: Strideable>(
        _ titleKey: LocalizedStringKey, value: Binding<V>, in bounds: ClosedRange<V>, step: V.Stride = 1
    ) {}
}
@available(iOS 16.0, macOS 13.0, *)
public struct ShareLink: StubLeaf {
    nonisolated public init(_ titleKey: LocalizedStringKey, item: URL) {}
}

// MARK: Modifiers

extension View {
    nonisolated public func background(_ style: Color) -> StubChanged<Self> { StubChanged() }
    nonisolated public func font(_ font: Font?) -> StubChanged<Self> { StubChanged() }
    nonisolated public func foregroundStyle(_ style: Color) -> StubChanged<Self> { StubChanged() }
    nonisolated public func frame(maxWidth: CGFloat? = nil) -> StubChanged<Self> { StubChanged() }
    nonisolated public func navigationTitle(_ titleKey: LocalizedStringKey) -> StubChanged<Self> { StubChanged() }
    nonisolated public func padding(_ length: CGFloat? = nil) -> StubChanged<Self> { StubChanged() }
    nonisolated public func tabItem<V: View>(@ViewBuilder _ label: () -> V) -> StubChanged<Self> { StubChanged() }
    nonisolated public func tag<V: Hashable>(_ tag: V) -> StubChanged<Self> { StubChanged() }
    nonisolated public func task(
        priority: TaskPriority = .userInitiated, @_inheritActorContext _ action: @escaping @Sendable () async -> Void
    ) -> StubChanged<Self> { StubChanged() }
    nonisolated public func task<T: Equatable>(
        id value: T, priority: TaskPriority = .userInitiated,
        @_inheritActorContext _ action: @escaping @Sendable () async -> Void
    ) -> StubChanged<Self> { StubChanged() }
}

// MARK: State

@propertyWrapper public struct State<Value> {
    final class StubBox {
        var value: Value
        init(_ value: Value) { self.value = value }
    }
    let stubBox: StubBox
    public init(wrappedValue value: Value) { stubBox = StubBox(value) }
    public var wrappedValue: Value {
        get { stubBox.value }
        nonmutating set { stubBox.value = newValue }
    }
    public var projectedValue: Binding<Value> {
        Binding(get: { stubBox.value }, set: { stubBox.value = $0 })
    }
}
extension State where Value: ExpressibleByNilLiteral {
    public init() { self.init(wrappedValue: nil) }
}
@propertyWrapper public struct Binding<Value> {
    let stubGet: () -> Value
    let stubSet: (Value) -> Void
    init(get: @escaping () -> Value, set: @escaping (Value) -> Void) { (stubGet, stubSet) = (get, set) }
    public var wrappedValue: Value {
        get { stubGet() }
        nonmutating set { stubSet(newValue) }
    }
}

// MARK: App

@MainActor @preconcurrency public protocol Scene {
    associatedtype Body: Scene
    @SceneBuilder @MainActor @preconcurrency var body: Self.Body { get }
}
extension Never: Scene {}
public protocol StubScene: Scene where Body == Never {}
extension StubScene { public var body: Never { fatalError() } }
@resultBuilder public struct SceneBuilder {
    public static func buildBlock<Content: Scene>(_ content: Content) -> Content { content }
}
public struct WindowGroup<Content: View>: StubScene {
    nonisolated public init(@ViewBuilder content: () -> Content) {}
}
@MainActor @preconcurrency public protocol App {
    associatedtype Body: Scene
    @SceneBuilder @MainActor @preconcurrency var body: Self.Body { get }
    @MainActor @preconcurrency init()
}
extension App {
    @MainActor @preconcurrency public static func main() {}
}
