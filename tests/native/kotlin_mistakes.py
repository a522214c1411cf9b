"""Mistakes that a change to the Android project could make; each must be refused by a compiler."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KotlinMistake:
    """One edit of one file, and what the compiler must say about it.

    Attributes:
        file: Path in the project.
        old: Text to replace, once.
        new: Its replacement.
        says: Part of the compiler's message about this very file.
    """

    file: str
    old: str
    new: str
    says: str


_CORE = "core/src/main/kotlin/dev/edgevit/core"
_SDK = "edgevit/src/main/kotlin/dev/edgevit/sdk"
_BENCH = "bench/src/main/kotlin/dev/edgevit/bench"

KOTLIN_MISTAKES = {
    "core": (
        KotlinMistake(
            f"{_CORE}/Orientation.kt",
            "        LEFT -> x * width + width - 1 - y\n",
            "",
            "'when' expression must be exhaustive",
        ),
        KotlinMistake(
            f"{_CORE}/Labels.kt", "public fun parse", "fun parse", "visibility must be specified in explicit API mode"
        ),
        KotlinMistake(
            f"{_CORE}/Ranking.kt",
            "logits.max().toDouble()",
            "logits.maxOrNull().toDouble()",
            "only safe (?.) or non-null",
        ),
        KotlinMistake(
            f"{_CORE}/selftest/Golden.kt",
            "Base64.decode(",
            "java.util.Base64.getDecoder().decode(",
            "unresolved reference",
        ),
        KotlinMistake(
            f"{_CORE}/Preprocessor.kt",
            "image.resized(size, crop)",
            "image.resized(size)",
            "no value passed for parameter",
        ),
    ),
    "edgevit": (
        KotlinMistake(f"{_SDK}/Images.kt", "planes.map {", "plane.map {", "unresolved reference 'plane'"),
        KotlinMistake(
            f"{_SDK}/InferenceThread.kt", "suspend fun <T> run(", "fun <T> run(", "can only be called from a coroutine"
        ),
        KotlinMistake(
            f"{_SDK}/AndroidDevice.kt",
            "power.getThermalHeadroom(FORECAST_SECONDS)",
            "power.getThermalHeadroom(10.0)",
            "argument type mismatch",
        ),
        KotlinMistake(
            f"{_SDK}/CompiledModelEngine.kt",
            "input.writeInt8(values.bytes)",
            "input.writeInt8(images)",
            "argument type mismatch",
        ),
        KotlinMistake(
            f"{_SDK}/MemoryPressure.kt",
            "    override fun onConfigurationChanged(configuration: Configuration): Unit = Unit\n",
            "",
            "does not implement abstract member",
        ),
        KotlinMistake(
            f"{_SDK}/ModelPackage.kt",
            "assets.openFd(modelPath)",
            "assets.openFD(modelPath)",
            "unresolved reference 'openFD'",
        ),
    ),
    "bench": (
        KotlinMistake(
            f"{_BENCH}/Request.kt", 'getIntExtra("scenario", 1)', 'getIntExtra("scenario")', "no value passed"
        ),
        KotlinMistake(f"{_BENCH}/HistogramView.kt", "override fun onDraw", "override fun onPaint", "overrides nothing"),
        KotlinMistake(f"{_BENCH}/BenchRun.kt", "suspend fun run", "fun run", "can only be called from a coroutine"),
        KotlinMistake(
            f"{_BENCH}/Summary.kt",
            "private const val MILLISECOND",
            "const val UNUSED = 1.0 // ",
            "unresolved reference 'MILLISECOND'",
        ),
        KotlinMistake(f"{_BENCH}/ReportFile.kt", "report.json())", "report)", "argument type mismatch"),
    ),
}
"""Module -> mistakes in different files of it, planted together."""

GRADLE_MISTAKES = (
    KotlinMistake("edgevit/build.gradle.kts", "compileSdk = 36", 'compileSdk = "36"', "assignment type mismatch"),
    KotlinMistake("bench/build.gradle.kts", "targetSdk = 36", "targetSDK = 36", "unresolved reference 'targetSDK'"),
    KotlinMistake("core/build.gradle.kts", "libs.junit", "libs.junit4", "unresolved reference 'junit4'"),
    KotlinMistake("microbenchmark/build.gradle.kts", '= "release"', "= true", "assignment type mismatch"),
    KotlinMistake(
        "settings.gradle.kts",
        "RepositoriesMode.FAIL_ON_PROJECT_REPOS",
        "RepositoriesMode.FAIL",
        "unresolved reference 'FAIL'",
    ),
    KotlinMistake(
        "build.gradle.kts", "libs.plugins.kotlin.jvm", "libs.plugins.kotlin.android", "unresolved reference 'android'"
    ),
)
"""Mistakes in different scripts, planted together."""

GRADLE_LIBRARY_MISTAKES = (
    KotlinMistake(
        "edgevit/build.gradle.kts",
        "minSdk = 23",
        "minSdk = 23\n        targetSdk = 36",
        "unresolved reference 'targetSdk'",
    ),
    KotlinMistake(
        "core/build.gradle.kts", "JvmTarget.JVM_11", "JvmTarget.VERSION_11", "unresolved reference 'VERSION_11'"
    ),
    KotlinMistake("bench/build.gradle.kts", 'noCompress += "tflite"', 'noCompress = "tflite"', "cannot be reassigned"),
)
"""More of them: what an app may say and a library may not, names of one plugin in another's place."""
