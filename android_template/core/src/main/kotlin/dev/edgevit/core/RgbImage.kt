package dev.edgevit.core

/**
 * An image of 8-bit red, green and blue values, row by row from the top left.
 *
 * @property values `width * height * 3` values: red, green, blue, red, ...; not copied, so do not change it afterwards.
 * @throws EdgeVitException.UnreadableImage where the sizes are not positive or do not match [values].
 */
public class RgbImage(public val width: Int, public val height: Int, public val values: ByteArray) {
    init {
        if (width < 1 || height < 1 || width.toLong() * height * 3 != values.size.toLong()) {
            throw EdgeVitException.UnreadableImage("${values.size} values for $width x $height pixels")
        }
    }

    public companion object {
        /**
         * An image of packed pixels, blue in the lowest byte and alpha in the highest, as Android's bitmaps give them.
         *
         * @param hasAlpha Whether the alpha means something: transparency lies on black then.
         */
        public fun ofPackedPixels(width: Int, height: Int, pixels: IntArray, hasAlpha: Boolean): RgbImage {
            val values = ByteArray(3 * pixels.size)
            for (index in pixels.indices) {
                val pixel = pixels[index]
                val alpha = if (hasAlpha) pixel ushr 24 else 255
                values[3 * index] = onBlack(pixel shr 16, alpha)
                values[3 * index + 1] = onBlack(pixel shr 8, alpha)
                values[3 * index + 2] = onBlack(pixel, alpha)
            }
            return RgbImage(width, height, values)
        }

        private fun onBlack(level: Int, alpha: Int): Byte = (((level and 0xFF) * alpha + 127) / 255).toByte()
    }
}

/** A rectangle of whole pixels. */
public data class PixelRect(val left: Int, val top: Int, val width: Int, val height: Int)

/** A width and a height in pixels. */
public data class PixelSize(val width: Int, val height: Int)
