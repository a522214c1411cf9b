package dev.edgevit.core.probe

import dev.edgevit.core.Accelerator

/**
 * What a probe measures and for how long.
 *
 * @property warmUp Runs before the measured ones, also after every interruption.
 * @property preparations Times that an image is prepared for the model, timed apart.
 * @property minimumRuns Measured runs at least.
 * @property minimumDuration Nanoseconds of measured runs at least, all together.
 * @property roundLength Runs of a round; 0 where there are none.
 */
public data class ProbePlan(
    val layout: Layout,
    val minimumRuns: Int,
    val minimumDuration: Long,
    val warmUp: Int = 10,
    val preparations: Int = 20,
    val roundLength: Int = 0,
    val accelerator: Accelerator = Accelerator.CPU,
) {
    /**
     * How the measured runs are laid out.
     *
     * @property word Name in reports and launch arguments.
     */
    public enum class Layout(public val word: String) {
        /** At least 100 runs and 10 seconds, whichever is later: what an app's user meets. */
        STANDARD("standard"),

        /** Without a pause for some minutes: how far heat slows the model down. */
        SUSTAINED("sustained"),

        /** 20 rounds of 50 runs: the protocol of the FastViT paper's figures. */
        MODELBENCH("modelbench"),
    }

    internal fun json(): Map<String, Any> = mapOf(
        "layout" to layout.word,
        "preparations" to preparations,
        "warm_up" to warmUp,
        "min_runs" to minimumRuns,
        "min_duration_ns" to minimumDuration,
        "round_length" to roundLength,
        "compute_units" to accelerator.word,
    )

    public companion object {
        private const val SECOND = 1_000_000_000L

        public fun standard(accelerator: Accelerator = Accelerator.CPU): ProbePlan =
            ProbePlan(Layout.STANDARD, 100, 10 * SECOND, accelerator = accelerator)

        public fun sustained(minutes: Int, accelerator: Accelerator = Accelerator.CPU): ProbePlan =
            ProbePlan(Layout.SUSTAINED, 1, minutes * 60 * SECOND, accelerator = accelerator)

        public fun modelbench(accelerator: Accelerator = Accelerator.CPU): ProbePlan =
            ProbePlan(Layout.MODELBENCH, 1000, 0, roundLength = 50, accelerator = accelerator)
    }
}
