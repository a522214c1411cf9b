package dev.edgevit.core

import java.security.MessageDigest
import kotlin.math.ln
import kotlin.math.log10
import kotlin.math.sqrt

/**
 * How close the device comes to PyTorch on one photograph.
 *
 * @property photo Its name.
 * @property pixelsAreExact Whether decoding, resizing and cropping gave PyTorch's very pixels.
 * @property decibels 20 log10(range / RMS difference), lowest of the outputs; infinite where they are equal.
 * @property sameBest Whether the largest output is the same, lowest of the outputs.
 * @property passed The verdict.
 */
public data class PhotoResult(
    val photo: String,
    val pixelsAreExact: Boolean,
    val decibels: Double,
    val sameBest: Boolean,
    val passed: Boolean,
)

/** Compares what the device computes with what PyTorch computed. */
public object SelfTest {
    /** Probabilities below are near float32's end; their logarithm says nothing, and Python leaves them out as well. */
    private const val SMALLEST_PROBABILITY = 1e-30

    /**
     * Least agreement in dB. The CPU computes in float32: it must come as close as the host that verified the file,
     * whose floor is 60 dB for half-precision weights. GPUs and NPUs compute in half precision, which costs some
     * networks all but 50 dB; a processor that computes something else stays below 20.
     */
    public fun floor(accelerator: Accelerator): Double = if (accelerator == Accelerator.CPU) 58.0 else 40.0

    /** Judges what was computed on [pixels] by [accelerator]. */
    public fun judge(
        photo: Golden.Photo,
        pixels: RgbImage,
        outputs: List<OutputArray>,
        accelerator: Accelerator,
    ): PhotoResult {
        val exact = sha256(pixels.values) == photo.pixelsSha256
        if (outputs.size != photo.outputs.size) {
            throw EdgeVitException.UnexpectedOutput("${outputs.size} outputs for ${photo.outputs.size}")
        }
        val figures = photo.outputs.zip(outputs).map { (expected, actual) -> figures(expected, actual) }
        val decibels = figures.minOf { it.first }
        val sameBest = figures.all { it.second }
        return PhotoResult(photo.name, exact, decibels, sameBest, exact && decibels >= floor(accelerator))
    }

    private fun figures(expected: Golden.Output, actual: OutputArray): Pair<Double, Boolean> {
        val all = actual.channelsFirst()
        if (all.size != expected.size) throw EdgeVitException.UnexpectedOutput("${all.size} values in ${actual.name}")
        val kept = DoubleArray(expected.kept.size) {
            all[(it.toLong() * all.size / expected.kept.size).toInt()].toDouble()
        }
        val wanted = DoubleArray(kept.size) { expected.kept[it].toDouble() }
        return if (expected.isLogProbability) logarithms(wanted, kept) else compare(wanted, kept)
    }

    /** Compares logarithms up to a constant, which softmax loses. */
    private fun logarithms(wanted: DoubleArray, probabilities: DoubleArray): Pair<Double, Boolean> {
        val known = wanted.indices.filter { wanted[it].isFinite() }
        val logarithms = known.map { ln(maxOf(probabilities[it], SMALLEST_PROBABILITY)) }
        return compare(centred(known.map { wanted[it] }), centred(logarithms))
    }

    private fun centred(values: List<Double>): DoubleArray {
        val mean = values.average()
        return DoubleArray(values.size) { values[it] - mean }
    }

    private fun compare(wanted: DoubleArray, actual: DoubleArray): Pair<Double, Boolean> {
        if (!actual.all { it.isFinite() }) return Double.NEGATIVE_INFINITY to false
        val rms = sqrt(wanted.indices.sumOf { (actual[it] - wanted[it]) * (actual[it] - wanted[it]) } / wanted.size)
        val range = wanted.max() - wanted.min()
        val decibels = if (rms == 0.0) Double.POSITIVE_INFINITY else 20 * log10(range / rms)
        return decibels to (best(wanted) == best(actual))
    }

    private fun best(values: DoubleArray): Int = values.indices.maxBy { values[it] }

    private fun sha256(bytes: ByteArray): String =
        MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }
}
