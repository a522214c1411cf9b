package dev.edgevit.core.selftest

import dev.edgevit.core.ModelInfo
import dev.edgevit.core.Orientation
import dev.edgevit.core.PixelRect
import dev.edgevit.core.PixelSize
import dev.edgevit.core.Preprocessor
import dev.edgevit.core.RgbImage
import dev.edgevit.core.resized
import kotlin.math.abs
import kotlin.math.round

/**
 * The usual mistakes between a photograph and a network's input.
 *
 * @property word Name in reports.
 * @property advice What to change.
 */
public enum class ImageMistake(public val word: String, public val advice: String) {
    /** Red and blue are swapped. */
    BGR("bgr", "Red and blue are swapped: hand over RGB values."),

    /** The whole image was squeezed into the input, without keeping its proportions. */
    STRETCHED("stretched", "The image is stretched: keep its proportions and crop."),

    /** The shorter side was resized to the input's, so that the crop shows too much. */
    UNCROPPED("uncropped", "The crop is too wide: resize to the input's size divided by the crop's share first."),

    /** The crop was taken from the top left, not from the centre. */
    CORNER("corner", "The crop is not centred."),

    /** The image is upside down. */
    FLIPPED("flipped", "The image is upside down."),

    /** Mean and standard deviation were applied although the model does so itself. */
    NORMALIZED_TWICE("normalized_twice", "The values are normalized: hand over 0..255, the model normalizes inside."),
    ;

    /** What this mistake makes of a photograph. */
    internal fun applied(photograph: RgbImage, input: ModelInfo.Input): RgbImage {
        val preprocessor = Preprocessor(input)
        val right = preprocessor(photograph)
        val corner = PixelRect(0, 0, input.width, input.height)
        return when (this) {
            BGR -> right.mapped { at -> right.level(at + 2 - 2 * (at % 3)) }
            FLIPPED -> Orientation.DOWN_MIRRORED.upright(right)
            STRETCHED -> photograph.resized(PixelSize(input.width, input.height), corner)
            UNCROPPED -> preprocessor.copy(cropFraction = 1.0)(photograph)
            CORNER -> photograph.resized(preprocessor.plan(photograph.width, photograph.height).first, corner)
            NORMALIZED_TWICE -> right.mapped { at ->
                round((right.level(at) / 255.0 - input.mean[at % 3]) / input.std[at % 3]).toInt().coerceIn(0, 255)
            }
        }
    }

    public companion object {
        /** Mean difference, of 255, up to which a mistake explains pixels. */
        private const val NEAR = 8.0

        /** How many times nearer than the right pixels they must be. */
        private const val CLEARLY = 3.0

        /**
         * The mistake that explains [pixels], made from [photograph] by an app; null where none does so clearly.
         */
        public fun explaining(pixels: RgbImage, photograph: RgbImage, input: ModelInfo.Input): ImageMistake? {
            val wrong = distance(pixels, Preprocessor(input)(photograph)) ?: return null
            val (best, far) = entries
                .map { it to (distance(pixels, it.applied(photograph, input)) ?: Double.POSITIVE_INFINITY) }
                .minBy { it.second }
            return best.takeIf { far <= NEAR && far * CLEARLY <= wrong }
        }

        private fun RgbImage.level(at: Int): Int = values[at].toInt() and 0xFF

        private inline fun RgbImage.mapped(level: (Int) -> Int): RgbImage =
            RgbImage(width, height, ByteArray(values.size) { level(it).toByte() })

        /** Mean absolute difference of the values; null for images of different sizes. */
        private fun distance(one: RgbImage, other: RgbImage): Double? {
            if (one.width != other.width || one.height != other.height) return null
            val sum = one.values.indices.sumOf { abs(one.level(it) - other.level(it)).toLong() }
            return sum.toDouble() / one.values.size
        }
    }
}
