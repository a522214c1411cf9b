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
        /** An image of packed pixels, blue in the lowest byte as Android's bitmaps give them; the alpha is ignored. */
        public fun ofPackedPixels(width: Int, height: Int, pixels: IntArray): RgbImage {
            val values = ByteArray(3 * pixels.size)
            for (index in pixels.indices) {
                val pixel = pixels[index]
                values[3 * index] = (pixel shr 16).toByte()
                values[3 * index + 1] = (pixel shr 8).toByte()
                values[3 * index + 2] = pixel.toByte()
            }
            return RgbImage(width, height, values)
        }
    }
}

/** A rectangle of whole pixels. */
public data class PixelRect(val left: Int, val top: Int, val width: Int, val height: Int)

/** A width and a height in pixels. */
public data class PixelSize(val width: Int, val height: Int)
