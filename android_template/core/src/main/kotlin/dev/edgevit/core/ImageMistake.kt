package dev.edgevit.core

import kotlin.math.log10

/**
 * The usual mistakes of an app that makes the model's pixels itself.
 *
 * @property advice What to change.
 */
public enum class ImageMistake(public val advice: String) {
    BLUE_FIRST("Red and blue are swapped: the model takes red first."),
    STRETCHED("The image was stretched to the input size: keep its proportions and crop the centre."),
    UNCROPPED("The image was resized to the input size at once: resize larger by the crop's share, then crop."),
    MIRRORED("The image is mirrored: do not feed a front camera's preview."),
    TURNED_RIGHT("The image is turned by 90 degrees: apply its orientation."),
    TURNED_LEFT("The image is turned by 270 degrees: apply its orientation."),
    UPSIDE_DOWN("The image is upside down: apply its orientation."),
    NORMALIZED("The pixels were normalized: the model does that itself; pass values of 0 to 255."),
    ;

    public companion object {
        /** Above this, pixels are the wanted ones but for rounding. */
        private const val SAME_DECIBELS = 45.0

        /** How much nearer than to the right pixels they must be to blame a mistake. */
        private const val LEAD_DECIBELS = 3.0

        /**
         * Names the mistake that explains [pixels], made from [photo] by the app; null where they are right, or where
         * no mistake of this list explains them.
         */
        public fun recognise(photo: RgbImage, pixels: RgbImage, preprocessor: Preprocessor): ImageMistake? {
            val right = preprocessor(photo)
            val nearness = decibels(right, pixels)
            if (nearness >= SAME_DECIBELS) return null
            val (mistake, decibels) = entries.map { it to decibels(it.result(photo, right, preprocessor), pixels) }
                .maxBy { it.second }
            return mistake.takeIf { decibels > nearness + LEAD_DECIBELS }
        }

        private fun decibels(wanted: RgbImage, actual: RgbImage): Double {
            if (wanted.width != actual.width || wanted.height != actual.height) return Double.NEGATIVE_INFINITY
            val squares = wanted.values.indices.sumOf { index ->
                val difference = (wanted.values[index].toInt() and 0xFF) - (actual.values[index].toInt() and 0xFF)
                difference.toLong() * difference
            }
            return if (squares == 0L) Double.POSITIVE_INFINITY else
                10 * log10(255.0 * 255.0 * wanted.values.size / squares)
        }
    }

    private fun result(photo: RgbImage, right: RgbImage, preprocessor: Preprocessor): RgbImage = when (this) {
        BLUE_FIRST -> right.map { values, at -> values[at - at % 3 + 2 - at % 3] }
        STRETCHED -> stretched(photo, preprocessor)
        UNCROPPED -> preprocessor.copy(cropFraction = 1.0)(photo)
        MIRRORED -> Orientation.UP_MIRRORED.upright(right)
        TURNED_RIGHT -> preprocessor(Orientation.LEFT.upright(photo))
        TURNED_LEFT -> preprocessor(Orientation.RIGHT.upright(photo))
        UPSIDE_DOWN -> Orientation.DOWN.upright(right)
        NORMALIZED -> right.map { values, at -> if ((values[at].toInt() and 0xFF) < 128) 0 else 1 }
    }

    private fun stretched(photo: RgbImage, to: Preprocessor): RgbImage =
        photo.resized(PixelSize(to.width, to.height), PixelRect(0, 0, to.width, to.height))

    private fun RgbImage.map(value: (ByteArray, Int) -> Byte): RgbImage =
        RgbImage(width, height, ByteArray(values.size) { value(values, it) })
}
