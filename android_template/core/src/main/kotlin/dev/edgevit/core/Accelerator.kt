package dev.edgevit.core

/**
 * The processors that LiteRT may use.
 *
 * @property word Name in reports and launch arguments.
 */
public enum class Accelerator(public val word: String) {
    /** Needs the vendor's LiteRT dispatch libraries in the app. */
    NPU("npu"),

    /** Needs LiteRT's GPU library in the app. */
    GPU("gpu"),

    /** XNNPACK; always there, and the one that the model file was verified with. */
    CPU("cpu"),
    ;

    /** What to try in order when this choice fails; the CPU comes last. */
    public val chain: List<Accelerator> get() = entries.drop(ordinal)

    public companion object {
        /** The accelerator with this [word], or null. */
        public fun ofWord(word: String): Accelerator? = entries.firstOrNull { it.word == word }
    }
}

/**
 * Which processor was asked for, which one the model is loaded for, and why they differ if they do.
 *
 * @property used Null while no choice has worked.
 * @property failures Choices that did not work, in order.
 */
public data class Placement(
    val asked: Accelerator,
    val used: Accelerator? = null,
    val failures: List<Failure> = emptyList(),
    private val remaining: List<Accelerator>,
) {
    /** A choice that did not work, and the runtime's reason. */
    public data class Failure(val accelerator: Accelerator, val reason: String)

    /**
     * @param asked What to try first.
     * @param fallback Whether to go down its [Accelerator.chain] when it fails.
     */
    public constructor(asked: Accelerator, fallback: Boolean = true) :
        this(asked, remaining = if (fallback) asked.chain else listOf(asked))

    /** The choice to try now; null when all have failed. */
    public val candidate: Accelerator? get() = remaining.firstOrNull()

    /** The placement when the candidate works. */
    public fun succeeded(): Placement = copy(used = candidate)

    /** The placement when the candidate does not work: the next one is tried. */
    public fun failed(reason: String): Placement {
        val failed = candidate ?: return this
        return copy(used = null, failures = failures + Failure(failed, reason), remaining = remaining.drop(1))
    }
}
