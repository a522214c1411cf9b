// Swift Charts as far as the app uses it: declarations without behaviour.
import SwiftUI

@available(iOS 16.0, macOS 13.0, *)
@MainActor @preconcurrency public protocol ChartContent {}

@available(iOS 16.0, macOS 13.0, *)
public struct StubMarks<Content>: ChartContent { nonisolated init() {} }

@available(iOS 16.0, macOS 13.0, *)
@resultBuilder public struct ChartContentBuilder {
    public static func buildPartialBlock<Content: ChartContent>(first: Content) -> Content { first }
    public static func buildPartialBlock<First: ChartContent, Next: ChartContent>(
        accumulated: First, next: Next
    ) -> StubMarks<(First, Next)> { StubMarks() }
    public static func buildExpression<Content: ChartContent>(_ content: Content) -> Content { content }
}

@available(iOS 16.0, macOS 13.0, *)
@MainActor @preconcurrency public struct Chart<Content: ChartContent>: StubLeaf {
    public init<Data: RandomAccessCollection>(
        _ data: Data, @ChartContentBuilder content: @escaping (Data.Element) -> Content
    ) where Data.Element: Identifiable {}
}

@available(iOS 16.0, macOS 13.0, *)
public protocol Plottable {}
@available(iOS 16.0, macOS 13.0, *)
extension Double: Plottable {}
@available(iOS 16.0, macOS 13.0, *)
extension Int: Plottable {}
@available(iOS 16.0, macOS 13.0, *)
extension String: Plottable {}

@available(iOS 16.0, macOS 13.0, *)
public struct PlottableValue<Value: Plottable> {
    public static func value(_ labelKey: LocalizedStringKey, _ value: Value) -> PlottableValue<Value> {
        PlottableValue()
    }
}

@available(iOS 16.0, macOS 13.0, *)
public struct BarMark: ChartContent {
    nonisolated public init<X: Plottable, Y: Plottable>(x: PlottableValue<X>, y: PlottableValue<Y>) {}
}
@available(iOS 16.0, macOS 13.0, *)
public struct LineMark: ChartContent {
    nonisolated public init<X: Plottable, Y: Plottable>(x: PlottableValue<X>, y: PlottableValue<Y>) {}
}
@available(iOS 16.0, macOS 13.0, *)
public struct PointMark: ChartContent {
    nonisolated public init<X: Plottable, Y: Plottable>(x: PlottableValue<X>, y: PlottableValue<Y>) {}
}
@available(iOS 16.0, macOS 13.0, *)
extension ChartContent {
    nonisolated public func foregroundStyle<D: Plottable>(by value: PlottableValue<D>) -> StubMarks<Self> {
        StubMarks()
    }
}
