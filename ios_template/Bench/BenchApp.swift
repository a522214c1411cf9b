import EdgeVitKit
import SwiftUI

/// Tries the package's model on this device: classify, measure, test.
@main
struct BenchApp: App {
    var body: some Scene {
        WindowGroup { BenchScreen() }
    }
}

/// Loads the model once, or measures at once where the launch arguments ask for it.
struct BenchScreen: View {
    private enum Stage {
        case loading, testing
        case ready(EdgeVit)
        case unattended(String)
        case failed(String)
    }

    @State private var stage = Stage.loading

    var body: some View {
        VStack(spacing: 0) {
            switch stage {
            case .loading: ProgressView("Loading the model")
            case .testing: Text("The tests of this app are running.")
            case .ready(let model): Screens(model: model)
            case .unattended(let line): Text(verbatim: line).padding()
            case .failed(let reason): Text(verbatim: reason).foregroundStyle(Color.red).padding()
            }
        }
        .task { await start() }
    }

    private func start() async {
        let process = ProcessInfo.processInfo
        // A test of its own measures the model; a second one in memory would disturb it.
        if process.environment["XCTestConfigurationFilePath"] != nil { return stage = .testing }
        do {
            if let autorun = try Autorun(arguments: process.arguments) { return await measure(autorun) }
            stage = .ready(try await EdgeVit())
        } catch {
            BenchLog.line("failed \(error.onOneLine)")
            stage = .failed(error.advice)
        }
    }

    private func measure(_ autorun: Autorun) async {
        stage = .unattended("measuring; keep the app in front")
        await Awake.during { stage = .unattended(await autorun.run()) }
    }
}

/// The screens of a loaded model.
struct Screens: View {
    let model: EdgeVit

    var body: some View {
        VStack(spacing: 0) {
            if !model.weightsAreTrained { UntrainedBanner() }
            TabView {
                ClassifyScreen(model: model).tabItem { Label("Classify", systemImage: "camera") }
                ProbeScreen(model: model).tabItem { Label("Measure", systemImage: "speedometer") }
                SelfTestScreen(model: model).tabItem { Label("Self-test", systemImage: "checkmark.seal") }
            }
        }
    }
}

/// Says that predictions mean nothing.
struct UntrainedBanner: View {
    var body: some View {
        Text("UNTRAINED WEIGHTS: speed and size are real, predictions mean nothing.")
            .font(.footnote)
            .foregroundStyle(Color.white)
            .padding()
            .frame(maxWidth: .infinity)
            .background(Color.red)
    }
}

/// Keeps the screen on, as a locked phone is in the background and measures nothing.
enum Awake {
    @MainActor static func during(_ work: @MainActor () async -> Void) async {
        UIApplication.shared.isIdleTimerDisabled = true
        await work()
        UIApplication.shared.isIdleTimerDisabled = false
    }
}
