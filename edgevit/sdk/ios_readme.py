"""The README of a generated Swift package, written for its very model."""

from __future__ import annotations

from edgevit.sdk.config import SdkContent
from edgevit.sdk.markdown import code, table
from edgevit.types import Head

__all__ = ["readme"]

_UNTRAINED = (
    "> **UNTRAINED WEIGHTS. This model's numbers are random: its predictions mean nothing.** It is good for trying "
    "the integration and for measuring speed and size. Build it again with `--weights` and a trained checkpoint "
    "before you show a prediction to anyone."
)

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
        *([] if content.weights.trained else [_UNTRAINED]),
        f"```swift\nimport EdgeVitKit\n\nlet model = try await EdgeVit()\n{_CALLS[content.head]}\n```",
        _ADDING,
        _IMAGES,
        f"## The model\n\n{table(('', ''), _facts(content))}",
        _notes(content),
        f"## What was verified\n\n{_proof(content)}",
        _PROBE,
        _TESTS,
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _facts(content: SdkContent) -> list[tuple[str, str]]:
    spec, weights, artifact = content.spec, content.weights, content.artifact
    height, width = spec.input_size
    return [
        ("Architecture", f"{spec.title}, {spec.params / 1e6:.1f} M parameters, {spec.macs / 1e9:.2f} G multiply-adds"),
        ("Paper", spec.paper),
        ("Input", f"{width} x {height} RGB"),
        ("Output", _output(content)),
        ("Weights", f"{weights.kind}: {code(weights.source)}"),
        ("Licence of the weights", code(weights.licence or spec.licence)),
        ("Number format", artifact.precision.value),
        ("Oldest system", f"{artifact.minimum_os}: what the model file's operators need, or what was asked for"),
        (
            "Adds to the app",
            f"{artifact.size_bytes / 1e6:.1f} MB before compression; the compiled copy lies in the caches folder",
        ),
        ("SHA-256 of the model", code(artifact.sha256)),
    ]


def _output(content: SdkContent) -> str:
    if content.labels:
        return f"{content.head.value} of {len(content.labels)} classes, named in {code('labels.txt')}"
    return f"{content.head.value}: {', '.join(code(name) for name in content.outputs)}"


def _notes(content: SdkContent) -> str:
    notes = [*content.artifact.notes, *([code(content.weights.note)] if content.weights.note else [])]
    return "\n".join(f"- {note}" for note in notes)


def _proof(content: SdkContent) -> str:
    verdict = content.verdict
    rows = [
        ("PSNR against PyTorch, lowest of the photographs", f"{verdict.psnr_db:.1f} dB"),
        ("Cosine similarity, lowest", f"{verdict.cosine:.7f}"),
        ("Same most probable class", f"{verdict.top1_agreement:.0%} of the inputs"),
    ]
    if verdict.graph_max_rel is not None:
        rows.insert(0, ("Float32 twin against PyTorch, relative", f"{verdict.graph_max_rel:.1e}"))
    text = (
        f"The file in this package was read back from the disk and run by {verdict.runtime} against PyTorch. "
        "A phone's processors round in their own ways: this bounds the file, not the chip."
    )
    return f"{text}\n\n{table(('Figure', 'Value'), rows)}"
