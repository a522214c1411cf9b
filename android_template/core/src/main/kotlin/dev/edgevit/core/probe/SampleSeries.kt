package dev.edgevit.core.probe

/**
 * The runs of one series, thinned when they become too many: a small model runs a million times in some minutes.
 *
 * Every run is kept until [LIMIT] are; then every second of those goes, and from there on every second run is kept, and
 * so forth. So what is kept is spread evenly over the whole time, in order, with the first run and the last.
 */
internal class SampleSeries {
    private val kept = ArrayList<ProbeSample>()
    private var last: ProbeSample? = null

    /** How many runs there were. */
    var runs = 0L
        private set

    /** From one kept run to the next: 1 while all are kept, then 2, 4 and so on. */
    var stride = 1L
        private set

    /** At most [LIMIT]: every [stride]-th run, and the last. */
    val samples: List<ProbeSample> get() = if ((runs - 1) % stride == 0L) kept.toList() else kept + listOfNotNull(last)

    fun add(sample: ProbeSample) {
        if (kept.size == LIMIT) thin()
        if (runs % stride == 0L) kept += sample
        last = sample
        runs++
    }

    private fun thin() {
        val halved = kept.filterIndexed { place, _ -> place % 2 == 0 }
        kept.clear()
        kept += halved
        stride *= 2
    }

    companion object {
        /** The same in Swift and in the schema; enough for a 99th percentile, and some megabytes of JSON. */
        const val LIMIT = 16_384
    }
}
