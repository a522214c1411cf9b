"""The README of a generated Swift package, written for its very model."""

from __future__ import annotations

from edgevit.sdk.config import SdkContent
from edgevit.sdk.readme_parts import UNTRAINED, join, model_section, notes, number_format, proof_section
from edgevit.types import Head

__all__ = ["readme"]

_CALLS = {
    Head.PROBABILITIES: "let predictions = try await model.classify(image)   // [Prediction], most probable first",
    Head.LOGITS: "let predictions = try await model.classify(image)   // [Prediction], most probable first",
    Head.EMBEDDING: "let vector = try await model.embedding(of: image)   // [Float]",
    Head.FEATURES: "let maps = try await model.features(of: image)      // four [OutputArray], stage1 ... stage4",
}
"""Head -> the line that uses it; ``image`` is a CGImage."""

_ADDING = """## Add it to an app

In Xcode: File > Add Package Dependencies... > Add Local..., choose this folder, and add the library `EdgeVitKit` to
your app's target. In a `Package.swift`: `.package(path: "path/to/this/folder")` and the product `EdgeVitKit`.

The model, its description and its labels are in `Sources/EdgeVitKit/ModelData` and travel inside the package. The
first use on a device compiles the model, which takes a moment, and keeps the result in the app's caches folder.
The model is shipped as the very files that were verified: Xcode does not compile it, and generates no class for it.
To spare the first launch the compilation, put `EdgeVitModel.mlmodelc` (`xcrun coremlcompiler compile`) beside it.
"""

_IMAGES = """## Images

Pass any `CGImage`; if its pixels are not upright, pass its `orientation` as well. The package resizes (antialiased
bicubic), crops the centre and feeds the model exactly as the network's evaluation does, so do not resize, normalize
or swap channels yourself. A `UIImage` has a `cgImage` and an `imageOrientation`; a camera frame in 32BGRA is passed as
its `CVPixelBuffer`.

`try await model.selfTest()` runs the photographs in the package on the phone and compares pixels and answers with
those of the build. If your app makes the pixels in its own way, pass that way to `selfTest(preparing:)`: swapped
channels, a stretched image, a wrong crop, an upside-down image and normalizing twice are recognised by name. The
photographs in `ModelData/photos` can be deleted from a release.
"""

_APP = """## Try it: the benchmark app

Open `EdgeVitBench.xcodeproj` with Xcode 16 or newer, choose your team under Signing & Capabilities, choose a phone, and
press Run. The app classifies photographs and the camera's picture and shows what the model sees; measures, with a
histogram, the latency along the time, the heat, and the processors that Core ML plans to use; runs the self-test; and
shares the report. It needs iOS 16 at least, for its charts. It runs optimized and without the debugger, so that its
figures count; edit the scheme to debug it.

Without a person, from a Mac (the bundle identifier ends with your team's; Control-C ends the console):

```sh
xcrun devicectl device process launch --console --device NAME dev.edgevit.benchTEAM -- \\
  --edgevit-autorun --edgevit-protocol standard
```

`--edgevit-protocol` is `standard`, `sustained` (with `--edgevit-minutes 10`) or `modelbench`;
`--edgevit-compute-units` is `all`, `cpu_and_neural_engine`, `cpu_and_gpu` or `cpu_only`. The log ends with
`EdgeVitBench: finished valid=... self_test=... report=...` or `EdgeVitBench: failed ...`. The report,
`edgevit-report.json`, is in the app's documents, which the Files app and Finder show. The scheme has these arguments,
switched off.

On a farm of devices (Xcode Cloud, AWS Device Farm, Firebase Test Lab) run the scheme's tests: `EdgeVitBenchTests` runs
the self-test and measures the time, processor time and memory of fifty pictures. The app's own figures are the more
careful ones.
"""

_PROBE = """## Measure it on a phone

```swift
let report = try await Probe().run(.standard())
print(report.statistics?.p50 ?? 0, report.invalidReasons)   // nanoseconds; no reasons: the figures are good
try report.json().write(to: file)
```

`.standard()` takes at least 100 runs and 10 seconds, `.sustained(minutes: 10)` shows what heat does, and
`.modelbench()` is the protocol of the FastViT paper. The report holds every sample with its time, heat, low-power
mode, charge and memory, the load time, the first run, and image preparation timed apart; the processors asked for and
used, and why they differ if they do; and from iOS 17.4 on what Core ML plans for each operation. Use a release build on
an unplugged, cool phone, with the app in the foreground; what happens all the same is in the report and in its reasons.

What the numbers mean: `load` is what the first prediction of a fresh app waits for, with the compilation where there
was no compiled model; `first` is slower than the rest, since the processors prepare themselves. `p50` is what a user
meets as a rule and `p99` what they meet now and then; neither holds the preparation of the image, which is in
`preparations`. Compare reports where both are valid, of one protocol and of one choice of processors.
"""

_TESTS = """## Tests

`swift test` checks the package's pure core (image resizing against Python's values bit for bit, ranking, decoding) on
a Mac or on Linux. In Xcode the scheme `EdgeVitKit-Package` tests the package, and `EdgeVitBench` the app.
`manifest.json` lists the SHA-256 of every file, and `edgevit verify` on this folder runs the model's file against the
recorded PyTorch outputs again.
"""


def readme(content: SdkContent) -> str:
    """Return the text of ``README.md``; text that came from the user stands in code spans only."""
    parts = [
        f"# {content.spec.title} for iOS",
        *([] if content.weights.trained else [UNTRAINED]),
        f"```swift\nimport EdgeVitKit\n\nlet model = try await EdgeVit()\n{_CALLS[content.head]}\n```",
        _ADDING,
        _IMAGES,
        model_section(content, _facts(content)),
        notes(content),
        proof_section(content, "package"),
        _APP,
        _PROBE,
        _TESTS,
    ]
    return join(parts)


def _facts(content: SdkContent) -> list[tuple[str, str]]:
    artifact = content.artifact
    return [
        ("Number format", number_format(content)),
        ("Oldest system", f"{artifact.minimum_os}: what the model file's operators need, or what was asked for"),
        (
            "Adds to the app",
            f"{artifact.size_bytes / 1e6:.1f} MB before compression; the compiled copy lies in the caches folder",
        ),
    ]
