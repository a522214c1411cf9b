// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "EdgeVitKit",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [.library(name: "EdgeVitCore", targets: ["EdgeVitCore"])],
    targets: [
        .target(name: "EdgeVitCore"),
        .testTarget(
            name: "EdgeVitCoreTests",
            dependencies: ["EdgeVitCore"],
            resources: [.copy("Vectors")]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// Core ML exists on Apple's systems alone; elsewhere the package is its pure core, which is how it is tested on Linux.
#if canImport(CoreML)
    package.products.append(.library(name: "EdgeVitKit", targets: ["EdgeVitKit"]))
    package.targets.append(
        .target(
            name: "EdgeVitKit",
            dependencies: ["EdgeVitCore"],
            // A folder is copied as it is. A .mlpackage named here would be compiled by Xcode, which would also add a
            // public class of its own to this module; and the bytes that were verified would not be the ones that ship.
            resources: [.copy("ModelData"), .copy("PrivacyInfo.xcprivacy")]
        )
    )
    package.targets.append(.testTarget(name: "EdgeVitKitTests", dependencies: ["EdgeVitKit"]))
#endif
