"""The README of a generated Swift package, written for its very model."""

from __future__ import annotations

from edgevit.sdk.config import SdkContent
from edgevit.sdk.readme_parts import UNTRAINED, join, model_section, notes, proof_section
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

_PROBE = """## Measure it on a phone

```swift
let report = try await Probe().run(.standard())
print(report.statistics?.p50 ?? 0, report.invalidReasons)   // nanoseconds; no reasons: the figures are good
try report.json().write(to: file)
```

`.standard()` takes at least 100 runs and 10 seconds, `.sustained(minutes: 10)` shows what heat does, and
`.modelbench()` is the protocol of the FastViT paper. The report holds every sample with its time, heat, low-power
mode and charge, the load time, the first run, and image preparation timed apart; the processors asked for and used,
and why they differ if they do. Use a release build on an unplugged, cool phone, with the app in the foreground; what
happens all the same is in the report and in its reasons.
"""

_TESTS = """## Tests

`swift test` checks the package's pure core (image resizing against Python's values bit for bit, ranking, decoding) on
a Mac or on Linux; in Xcode, Product > Test runs the same. `manifest.json` lists the SHA-256 of every file, and
`edgevit verify` on this folder runs the model's file against the recorded PyTorch outputs again.
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
        _PROBE,
        _TESTS,
    ]
    return join(parts)


def _facts(content: SdkContent) -> list[tuple[str, str]]:
    artifact = content.artifact
    return [
        ("Number format", artifact.precision.value),
        ("Oldest system", f"{artifact.minimum_os}: what the model file's operators need, or what was asked for"),
        (
            "Adds to the app",
            f"{artifact.size_bytes / 1e6:.1f} MB before compression; the compiled copy lies in the caches folder",
        ),
    ]
