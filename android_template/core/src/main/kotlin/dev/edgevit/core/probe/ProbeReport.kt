package dev.edgevit.core.probe

import dev.edgevit.core.Placement
import dev.edgevit.core.selftest.SelfTestResult
import kotlin.math.round

/**
 * One measured run.
 *
 * @property start Nanoseconds from the probe's start to this run's.
 * @property duration Nanoseconds that the run took.
 */
public data class ProbeSample(val start: Long, val duration: Long, val conditions: Conditions) {
    internal fun json(): Map<String, Any> =
        mapOf("start_ns" to start, "duration_ns" to duration, "conditions" to conditions.json())
}

/**
 * Something that happened while the probe ran.
 *
 * @property at Nanoseconds since the probe's start.
 */
public data class ProbeEvent(val at: Long, val kind: Kind, val detail: String = "") {
    /**
     * Kinds of events.
     *
     * @property word Name in reports.
     */
    public enum class Kind(public val word: String) {
        BACKGROUND("background"),
        CANCELLED("cancelled"),
        FAILED("failed"),
        MEMORY_WARNING("memory_warning"),
    }

    internal fun json(): Map<String, Any> = mapOf("at_ns" to at, "kind" to kind.word, "detail" to detail)
}

/**
 * What is measured, on what.
 *
 * @property model Registry name of the model.
 * @property sha256 Digest of its file.
 * @property device Maker and name of the device.
 * @property system Name and version of the system.
 * @property optimized Whether the app was built for release.
 * @property threadPriority Of the thread that ran the model: 0 for an app's ordinary one, lower is more urgent.
 * @property batch How many images each run computes, where it is more than one.
 */
public data class ProbeSubject(
    val model: String,
    val sha256: String,
    val device: String,
    val system: String,
    val optimized: Boolean,
    val weightsAreTrained: Boolean,
    val threadPriority: Int? = null,
    val batch: Int? = null,
) {
    internal fun json(): Map<String, Any?> = mapOf(
        "model" to model,
        "sha256" to sha256,
        "device" to device,
        "system" to system,
        "optimized" to optimized,
        "weights_are_trained" to weightsAreTrained,
        "thread_priority" to threadPriority,
        "batch" to batch,
    )
}

/**
 * Everything a probe has measured so far; the raw samples first, figures are derived from them.
 *
 * @property startedAt Seconds since 1970 in UTC.
 * @property phase The last thing that was finished.
 * @property load Nanoseconds of loading the model.
 * @property first Nanoseconds of the first run.
 * @property preparations Nanoseconds of preparing an image, each time.
 * @property samples Every [sampleStride]-th measured run and the last one, in order; at most 16,384.
 * @property runs How many measured runs there were.
 * @property sampleStride 1 where every run was kept; see [SampleSeries].
 * @property discarded Runs that were thrown away because the processor changed while they were measured.
 * @property selfTest What the self-test found; null where there was none.
 */
public data class ProbeReport(
    val subject: ProbeSubject,
    val plan: ProbePlan,
    val startedAt: Long,
    val phase: Phase = Phase.STARTED,
    val placement: Placement = Placement(plan.accelerator),
    val load: Long? = null,
    val first: Long? = null,
    val preparations: List<Long> = emptyList(),
    val samples: List<ProbeSample> = emptyList(),
    val runs: Long = samples.size.toLong(),
    val sampleStride: Long = 1,
    val discarded: Long = 0,
    val events: List<ProbeEvent> = emptyList(),
    val selfTest: List<SelfTestResult>? = null,
) {
    /**
     * The steps of a probe.
     *
     * @property word Name in reports.
     */
    public enum class Phase(public val word: String) {
        STARTED("started"),
        LOADED("loaded"),
        FIRST("first"),
        PREPARED("prepared"),
        WARM("warm"),
        MEASURED("measured"),
    }

    /** Figures of the samples; null without any. */
    public val statistics: LatencyStatistics? get() = LatencyStatistics.of(samples.map { it.duration })

    /** The FastViT paper's figure in nanoseconds, for that layout; it needs every run. */
    public val modelbench: Long?
        get() = if (plan.layout == ProbePlan.Layout.MODELBENCH && plan.roundLength > 0 && sampleStride == 1L) {
            LatencyStatistics.modelbench(samples.map { it.duration }.chunked(plan.roundLength))
        } else {
            null
        }

    /** The report's file: one line of JSON, the same bytes as on any other system. */
    public fun json(): String = CanonicalJson.encode(
        mapOf(
            "schema" to SCHEMA,
            "subject" to subject.json(),
            "plan" to plan.json(),
            "started_at_s" to startedAt,
            "phase" to phase.word,
            "placement" to placementJson(),
            "load_ns" to load,
            "first_ns" to first,
            "preparations_ns" to preparations,
            "samples" to samples.asSequence().map { it.json() }.asIterable(), // made one by one, as they are written
            "runs" to runs,
            "sample_stride" to sampleStride,
            "discarded" to discarded,
            "events" to events.map { it.json() },
            "self_test" to selfTest?.map(::selfTestJson),
        ),
    )

    private fun placementJson(): Map<String, Any?> = mapOf(
        "asked" to placement.asked.word,
        "used" to placement.used?.word,
        "failures" to placement.failures.map { mapOf("units" to it.accelerator.word, "reason" to it.reason) },
    )

    private fun selfTestJson(result: SelfTestResult): Map<String, Any?> = mapOf(
        "photo" to result.photo,
        "same_pixels" to result.samePixels,
        "same_answer" to result.sameAnswer,
        "mistake" to result.mistake?.word,
        // Equal answers are infinitely many decibels apart, for which JSON has no number.
        "psnr_mdb" to result.agreements.minOfOrNull { it.psnr }?.takeIf { it.isFinite() }?.let(::thousandths),
    )

    private fun thousandths(value: Double): Long = round(1000 * value).toLong()

    public companion object {
        /** Value of `schema`. */
        public const val SCHEMA: String = "edgevit-report/1"
    }
}
