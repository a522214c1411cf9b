package dev.edgevit.core.selftest

import kotlin.math.abs
import kotlin.math.log10
import kotlin.math.sqrt

/**
 * How far a device's answer is from PyTorch's.
 *
 * @property psnr 20 log10 of the reference's range over the RMS difference, in dB; infinite when equal. Few values have
 *   no range of their own, as two logits may be close by chance: for them it reaches to zero.
 * @property maxAbs Largest absolute difference.
 * @property sameTop Whether the largest element is the same one.
 * @property margin The reference's lead of its largest element over the second, as a share of its range.
 */
public data class Agreement(val psnr: Double, val maxAbs: Double, val sameTop: Boolean, val margin: Double) {
    public companion object {
        private const val FEW = 32

        /** Compares; null where the counts differ, nothing is there, or a value is no finite number. */
        public fun of(reference: DoubleArray, actual: DoubleArray): Agreement? {
            if (reference.isEmpty() || reference.size != actual.size || !actual.all { it.isFinite() }) return null
            val range = reference.max() - reference.min()
            val differences = reference.indices.map { actual[it] - reference[it] }
            val rms = sqrt(differences.sumOf { it * it } / differences.size)
            val (first, second) = reference.sortedDescending().let { it[0] to it.getOrNull(1) }
            return Agreement(
                psnr = if (rms == 0.0) Double.POSITIVE_INFINITY else 20 * log10(scale(reference) / rms),
                maxAbs = differences.maxOf { abs(it) },
                sameTop = best(reference) == best(actual),
                margin = if (second != null && range > 0) (first - second) / range else 1.0,
            )
        }

        private fun scale(reference: DoubleArray): Double {
            val (low, high) = reference.min() to reference.max()
            return if (reference.size < FEW) maxOf(high, 0.0) - minOf(low, 0.0) else high - low
        }

        private fun best(values: DoubleArray): Int = values.indices.maxBy { values[it] }
    }
}

/**
 * What a device may differ by from PyTorch.
 *
 * @property psnr Least PSNR of arrays, in dB.
 * @property probability Largest difference of a probability.
 * @property margin Lead, as a share of the range, below which another best class may be rounding.
 */
public data class Tolerance(val psnr: Double, val probability: Double, val margin: Double) {
    /**
     * Whether an answer is within these limits.
     *
     * The limits were kept by the written file. A phone's processors add up in other orders, and GPUs and NPUs round
     * every step to half precision, so arrays may be 10 dB worse here; a wrong image path or a broken driver costs
     * tens.
     */
    public fun allows(agreement: Agreement, probabilities: Boolean): Boolean {
        val close = if (probabilities) agreement.maxAbs <= probability else agreement.psnr >= psnr - ALLOWANCE_DB
        return close && (agreement.sameTop || agreement.margin <= margin)
    }

    private companion object {
        const val ALLOWANCE_DB = 10.0
    }
}
