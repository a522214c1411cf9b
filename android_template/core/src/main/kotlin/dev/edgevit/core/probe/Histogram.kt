package dev.edgevit.core.probe

/**
 * How often which duration was measured.
 *
 * @property from Nanoseconds where the first bin begins.
 * @property width Nanoseconds of a bin.
 * @property counts Durations in each bin; the last one also holds all longer ones.
 */
public data class Histogram(val from: Long, val width: Long, val counts: List<Int>) {
    public companion object {
        /** Spreads [bins] from the fastest duration to the 99th percentile; null for an empty series. */
        public fun of(nanoseconds: List<Long>, bins: Int = 32): Histogram? {
            val figures = LatencyStatistics.of(nanoseconds) ?: return null
            val width = ((figures.p99 - figures.minimum) / bins + 1).coerceAtLeast(1)
            val counts = IntArray(bins)
            for (duration in nanoseconds) {
                counts[((duration - figures.minimum) / width).coerceAtMost(bins - 1L).toInt()]++
            }
            return Histogram(figures.minimum, width, counts.toList())
        }
    }
}
