// swift-tools-version: 6.0
// Runs the unchanged EdgeVitKit on Linux against scripted stand-ins for Apple's modules; harness.sh fills Sources.
import PackageDescription

let package = Package(
    name: "Harness",
    targets: [
        .target(name: "AppleCore"),
        .target(name: "CoreGraphics", dependencies: ["AppleCore"]),
        .target(name: "ImageIO", dependencies: ["CoreGraphics"]),
        .target(name: "CoreVideo", dependencies: ["AppleCore"]),
        .target(name: "CoreML", dependencies: ["AppleCore", "CoreVideo"]),
        .target(name: "EdgeVitCore"),
        .target(
            name: "EdgeVitKit",
            dependencies: ["EdgeVitCore", "AppleCore", "CoreGraphics", "CoreVideo", "CoreML", "ImageIO"],
            resources: [.copy("ModelData"), .copy("PrivacyInfo.xcprivacy")],
            swiftSettings: [.unsafeFlags(["-Xfrontend", "-import-module", "-Xfrontend", "AppleCore"])]
        ),
        // The app's files that draw nothing.
        .target(name: "Bench", dependencies: ["EdgeVitKit"]),
        .testTarget(
            name: "HarnessTests",
            dependencies: ["Bench", "EdgeVitKit", "AppleCore", "CoreGraphics", "CoreVideo", "CoreML", "ImageIO"],
            path: "Tests",
            resources: [.copy("Vectors")]
        ),
        // Compiled, not run: they are for a real Core ML.
        .testTarget(name: "EdgeVitKitTests", dependencies: ["EdgeVitKit", "CoreGraphics"], path: "KitTests"),
    ],
    swiftLanguageModes: [.v6]
)
