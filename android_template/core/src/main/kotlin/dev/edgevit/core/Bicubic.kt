package dev.edgevit.core

import kotlin.math.abs
import kotlin.math.ceil

/**
 * Antialiased bicubic resampling of 8-bit images, bit for bit as Pillow's `Image.resize(..., BICUBIC)` does it: weights
 * in 64-bit floating point, rounded to fixed point, one pass along rows and one along columns, each rounded and clipped
 * to 8 bits.
 */
internal object Bicubic {
    /** Fraction bits of a fixed-point weight: 32 less 8 of the pixel less 2 for the kernel's overshoot. */
    private const val FRACTION_BITS = 22

    /**
     * How each output position of one axis is made from input positions.
     *
     * @param input Input length in pixels.
     * @param output Output length in pixels.
     * @param range Which output positions are wanted.
     */
    class Weights(input: Int, output: Int, range: IntRange) {
        private val scale = input.toDouble() / output
        private val stretch = maxOf(scale, 1.0)
        private val support = 2 * stretch
        private val shrink = 1 / stretch

        /** Distance between the weights of neighbouring output positions. */
        val stride: Int = ceil(support).toInt() * 2 + 1

        /** How many output positions there are. */
        val size: Int = range.count()

        /** First input position of each output position. */
        val starts: IntArray = IntArray(size)

        /** How many input positions each output position reads. */
        val counts: IntArray = IntArray(size)

        /** Fixed-point weights, [stride] for each output position. */
        val values: IntArray = IntArray(size * stride)

        init {
            range.forEachIndexed { place, position -> fill(place, (position + 0.5) * scale, input) }
        }

        private fun fill(place: Int, centre: Double, input: Int) {
            val start = maxOf(0, (centre - support + 0.5).toInt())
            val end = minOf(input, (centre + support + 0.5).toInt())
            val weights = DoubleArray(end - start) { kernel((start + it - centre + 0.5) * shrink) }
            val sum = weights.sum()
            starts[place] = start
            counts[place] = weights.size
            weights.forEachIndexed { index, weight ->
                values[place * stride + index] = fixedPoint(if (sum == 0.0) weight else weight / sum)
            }
        }
    }

    /** Keys' cubic convolution kernel with a = -1/2 at distance [distance]. */
    private fun kernel(distance: Double): Double {
        val a = -0.5
        val x = abs(distance)
        return when {
            x < 1 -> ((a + 2) * x - (a + 3)) * x * x + 1
            x < 2 -> (((x - 5) * x + 8) * x - 4) * a
            else -> 0.0
        }
    }

    private fun fixedPoint(weight: Double): Int {
        val scaled = weight * (1 shl FRACTION_BITS)
        return (if (weight < 0) scaled - 0.5 else scaled + 0.5).toInt()
    }

    /** Mixes [count] pixels, [step] values apart, into one channel value. */
    fun mix(pixels: ByteArray, first: Int, step: Int, weights: Weights, place: Int, count: Int): Byte {
        var sum = 1 shl (FRACTION_BITS - 1)
        var at = first
        val base = place * weights.stride
        for (index in base until base + count) {
            sum += (pixels[at].toInt() and 0xFF) * weights.values[index]
            at += step
        }
        return (sum shr FRACTION_BITS).coerceIn(0, 255).toByte()
    }
}
