package dev.edgevit.core.probe

import kotlin.math.round
import kotlin.math.sqrt

/**
 * Summary of a series of durations, all in nanoseconds rounded to whole ones.
 *
 * @property deviation Sample standard deviation; 0 for one duration.
 */
public data class LatencyStatistics(
    val count: Int,
    val minimum: Long,
    val maximum: Long,
    val mean: Long,
    val deviation: Long,
    val p50: Long,
    val p90: Long,
    val p99: Long,
) {
    public companion object {
        /** Summarizes [nanoseconds]; null for an empty series. */
        public fun of(nanoseconds: List<Long>): LatencyStatistics? {
            if (nanoseconds.isEmpty()) return null
            val sorted = nanoseconds.sorted()
            val mean = sorted.sum().toDouble() / sorted.size
            val squares = sorted.sumOf { (it - mean) * (it - mean) }
            return LatencyStatistics(
                count = sorted.size,
                minimum = sorted.first(),
                maximum = sorted.last(),
                mean = whole(mean),
                deviation = whole(if (sorted.size > 1) sqrt(squares / (sorted.size - 1)) else 0.0),
                p50 = whole(quantile(0.5, sorted)),
                p90 = whole(quantile(0.9, sorted)),
                p99 = whole(quantile(0.99, sorted)),
            )
        }

        /**
         * The figure of the FastViT paper's benchmark app, in nanoseconds: the first round is dropped, of every other
         * round the [trim] fastest and slowest durations, and the rest is averaged.
         *
         * Null unless at least two rounds have more than twice [trim] durations each.
         */
        public fun modelbench(rounds: List<List<Long>>, trim: Int = 10): Long? {
            val kept = rounds.drop(1)
            if (kept.isEmpty() || kept.any { it.size <= 2 * trim }) return null
            val durations = kept.flatMap { it.sorted().subList(trim, it.size - trim) }
            return whole(durations.sum().toDouble() / durations.size)
        }

        /** Linear interpolation between the two nearest ranks. */
        private fun quantile(share: Double, sorted: List<Long>): Double {
            val position = share * (sorted.size - 1)
            val low = position.toInt()
            val high = minOf(low + 1, sorted.size - 1)
            return sorted[low] + (sorted[high] - sorted[low]) * (position - low)
        }

        private fun whole(value: Double): Long = round(value).toLong()
    }
}
