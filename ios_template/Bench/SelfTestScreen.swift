import EdgeVitKit
import SwiftUI

/// Whether this device gives PyTorch's answers to the photographs in the package.
struct SelfTestScreen: View {
    let model: EdgeVit

    @State private var results: [SelfTestResult] = []
    @State private var isRunning = false
    @State private var problem: String?

    var body: some View {
        NavigationStack {
            List {
                if isRunning { ProgressView("Testing") } else { Button("Test again") { Task { await test() } } }
                if let problem { Text(verbatim: problem).foregroundStyle(Color.red) }
                ForEach(results) { ResultRow(result: $0) }
            }
            .navigationTitle("Self-test")
        }
        .task { if results.isEmpty { await test() } }
    }

    private func test() async {
        isRunning = true
        defer { isRunning = false }
        do {
            problem = nil
            results = try await model.selfTest()
        } catch {
            problem = error.advice
        }
    }
}

private struct ResultRow: View {
    let result: SelfTestResult

    var body: some View {
        HStack {
            Image(systemName: result.passed ? "checkmark.circle" : "xmark.circle")
                .foregroundStyle(result.passed ? Color.green : Color.red)
            VStack(alignment: .leading) {
                Text(verbatim: result.photo)
                Text(verbatim: verdict).font(.footnote)
            }
        }
    }

    private var verdict: String {
        if let mistake = result.mistake { return mistake.advice }
        let pixels = result.samePixels ? "same pixels" : "other pixels"
        let answer = result.sameAnswer ? "PyTorch's answer" : "another answer than PyTorch's"
        return "\(pixels), \(answer)"
    }
}
