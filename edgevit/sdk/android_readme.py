"""The README of a generated Gradle project, written for its very model."""

from __future__ import annotations

from edgevit.sdk.config import SdkContent
from edgevit.sdk.readme_parts import UNTRAINED, join, model_section, notes, number_format, proof_section
from edgevit.types import Head

__all__ = ["readme"]

_CALLS = {
    Head.PROBABILITIES: "val predictions = model.classify(bitmap)   // List<Prediction>, most probable first",
    Head.LOGITS: "val predictions = model.classify(bitmap)   // List<Prediction>, most probable first",
    Head.EMBEDDING: "val vector = model.embedding(bitmap)   // FloatArray",
    Head.FEATURES: "val maps = model.features(bitmap)   // four OutputArray, stage1 ... stage4",
}
"""Head -> the line that uses it; ``bitmap`` is an android.graphics.Bitmap."""

_ADDING = """## Add it to an app

Open this folder in Android Studio: it reads `gradle/wrapper/gradle-wrapper.properties` and fetches Gradle 9.1.0 by its
checksum. On a command line, run `gradle wrapper` once with any Gradle from 9.1 on, because the wrapper's program is not
in this folder; from then on `./gradlew` works.

There are two ways into another project:

- **As an AAR.** `./gradlew publishToMavenLocal` (or `publish`, to a repository of yours) publishes the AAR of
  `edgevit`, which holds this model, and the JAR of `core`. The app adds `mavenLocal()` or your repository, and
  `implementation("dev.edgevit:edgevit:1.0.0")`, which brings `core`, coroutines and LiteRT with it. The name and
  version are in `gradle.properties`. `./gradlew :edgevit:assembleRelease` alone writes
  `edgevit/build/outputs/aar/edgevit-release.aar`; an AAR that is copied as a file brings none of these three.
- **As sources.** Copy the folders `core` and `edgevit`, include them in `settings.gradle.kts`, and write
  `implementation(project(":edgevit"))`.

`core/api` and `edgevit/api` list the public interface.

The app must store the model uncompressed: `androidResources { noCompress += "tflite" }`, as `bench` does. LiteRT's
manifest asks for two foreground-service permissions that only its model downloads need; the manifest of `bench` shows
how to leave them out.
"""

_CALLING = """`classify` and its relatives are suspending functions; call them from any thread, also the main one.
Close the model when you are done with it. All errors are subclasses of `EdgeVitException`, each with a `suggestion`.
"""

_IMAGES = """## Images

Pass any `Bitmap`; if its pixels are not upright, pass its `orientation` as well. The library resizes (antialiased
bicubic), crops the centre and feeds the model exactly as the network's evaluation does, so do not resize, normalize
or swap channels yourself. A camera frame (`android.media.Image` in `YUV_420_888`) goes in with its rotation in degrees.
"""

_BATCH = """## Several images at once

This model computes {batch} images in every run. `classify(bitmaps)` gives it {batch} at a time and fills the last run
up with its last image; a call with one image takes as long as a whole run. Every figure that `bench` measures is that
of a run of {batch} images, and its report says so (`subject.batch`).
"""

_PROCESSORS = """## Processors

The CPU is the default: it is what the file was verified with. `Configuration(accelerator = Accelerator.GPU)` tries the
GPU (add `com.google.ai.edge.litert:litert-gpu` to the app) and `NPU` the vendor's NPU (add its LiteRT libraries). When
one does not load, does not run, or gives another answer than PyTorch on a photograph, the next one takes over;
`model.placement` tells what was asked, what is used and why. `model.selfTest()` compares all photographs, pixel by
pixel and answer by answer; pass it your own image code, and the usual mistakes are named.
"""

_BENCH = """## Measure it on a phone

`bench` is an app that measures this model: build its `release` variant, install it, press a button. From a computer:

```sh
./gradlew :bench:installRelease
adb shell am start -n dev.edgevit.bench/.BenchActivity --ez autorun true --es protocol standard --es accelerator cpu
adb logcat -s EdgeVitBench        # until: finished
adb pull /sdcard/Android/data/dev.edgevit.bench/files/report.json
```

`protocol` is `standard` (at least 100 runs and 10 seconds), `sustained` (`--ei minutes 10`: how far heat slows it
down) or `modelbench` (20 rounds of 50 runs, the FastViT paper's). The report holds every sample with the phone's heat,
battery and memory; a run in a debug build, in power-save mode, in the background or on a hot phone is marked as not
valid. Of more than 16,384 runs every second, fourth, ... is kept, and their number stays. The app needs Android 7
(API 24), because edgevit signs its own APKs with scheme v2.

- `edgevit probe` does all of this with an APK from `edgevit build --android --apk`, and checks the report.
- Firebase Test Lab runs the same app as a game loop: scenario 1 is `standard`, 2 `sustained`, 3 `modelbench`.
- `./gradlew -Pmicrobenchmark :microbenchmark:connectedReleaseAndroidTest` runs Jetpack's Microbenchmark of what a call
  consists of. It is no part of the build otherwise, since it needs androidx and a phone.
"""

_TESTS = """## Tests

`./gradlew :core:test` checks the pure core (image resizing against Python's values bit for bit, ranking, camera
frames, the probe under 1,000 random disturbances) on any machine with a JDK. `manifest.json` lists the SHA-256 of every
file, and `edgevit verify` on this folder runs the model's file against the recorded PyTorch outputs again.
"""


def readme(content: SdkContent) -> str:
    """Return the text of ``README.md``; text that came from the user stands in code spans only."""
    parts = [
        f"# {content.spec.title} for Android",
        *([] if content.weights.trained else [UNTRAINED]),
        f"```kotlin\nEdgeVit.create(context).use {{ model ->\n    {_CALLS[content.head]}\n}}\n```",
        _CALLING,
        _ADDING,
        _IMAGES,
        *([] if content.batch == 1 else [_BATCH.format(batch=content.batch)]),
        _PROCESSORS,
        model_section(content, _facts(content)),
        notes(content),
        proof_section(content, "project"),
        _BENCH,
        _TESTS,
    ]
    return join(parts)


def _facts(content: SdkContent) -> list[tuple[str, str]]:
    artifact = content.artifact
    return [
        ("Number format of the weights", number_format(content)),
        ("Image that the file takes", _image(content)),
        ("Oldest system", "Android 6 (API 23): what LiteRT 2.3 needs"),
        ("Oldest runtime for the file", artifact.minimum_os),
        ("Adds to the app, once", f"{artifact.size_bytes / 1e6:.1f} MB of model, stored as it is"),
        ("Adds to the app, for each ABI", "LiteRT's libraries; `edgevit build --apk` prints their size for each"),
        ("Licence of the Kotlin code", "`Apache-2.0`, as are LiteRT and coroutines"),
    ]


def _image(content: SdkContent) -> str:
    height, width = content.spec.input_size
    batch = "" if content.batch == 1 else f"{content.batch} at once, "
    return f"{batch}`{content.input_type.value}`, {height} x {width} x 3, RGB, 0 to 255; the library writes it"
