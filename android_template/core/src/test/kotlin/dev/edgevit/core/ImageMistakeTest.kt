package dev.edgevit.core

import kotlin.random.Random
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class ImageMistakeTest {
    private val preprocessor = Preprocessor(32, 32, 0.8)

    /** Smooth colours that differ in every direction, with a little noise. */
    private val photo = Random(7).let { random ->
        val values = ByteArray(3 * 90 * 60)
        for (y in 0 until 60) {
            for (x in 0 until 90) {
                val at = 3 * (y * 90 + x)
                values[at] = (2 * x + random.nextInt(8)).toByte()
                values[at + 1] = (4 * y + random.nextInt(8)).toByte()
                values[at + 2] = (if ((x - 20) * (x - 20) + (y - 15) * (y - 15) < 200) 220 else x + y / 2).toByte()
            }
        }
        RgbImage(90, 60, values)
    }

    private fun recognise(pixels: RgbImage) = ImageMistake.recognise(photo, pixels, preprocessor)

    private fun changed(image: RgbImage, change: (Int, Int) -> Int) =
        RgbImage(image.width, image.height, ByteArray(image.values.size) { change(it, image.values[it].toInt() and 0xFF).toByte() })

    @Test
    fun `right pixels are right, also when rounded otherwise`() {
        val right = preprocessor(photo)
        assertNull(recognise(right))
        assertNull(recognise(changed(right) { at, value -> if (at % 2 == 0) (value + 1).coerceAtMost(255) else value }))
    }

    @Test
    fun `each mistake is named`() {
        val right = preprocessor(photo)
        val swapped = changed(right) { at, _ -> right.values[at - at % 3 + 2 - at % 3].toInt() }
        assertEquals(ImageMistake.BLUE_FIRST, recognise(swapped))
        val whole = PixelRect(0, 0, 32, 32)
        assertEquals(ImageMistake.STRETCHED, recognise(photo.resized(PixelSize(32, 32), whole)))
        assertEquals(ImageMistake.UNCROPPED, recognise(photo.resized(PixelSize(48, 32), PixelRect(8, 0, 32, 32))))
        assertEquals(ImageMistake.MIRRORED, recognise(preprocessor(Orientation.UP_MIRRORED.upright(photo))))
        assertEquals(ImageMistake.UPSIDE_DOWN, recognise(preprocessor(Orientation.DOWN.upright(photo))))
        assertEquals(ImageMistake.TURNED_LEFT, recognise(preprocessor(Orientation.RIGHT.upright(photo))))
        assertEquals(ImageMistake.TURNED_RIGHT, recognise(preprocessor(Orientation.LEFT.upright(photo))))
        assertEquals(ImageMistake.NORMALIZED, recognise(changed(right) { _, value -> value / 200 }))
    }

    @Test
    fun `what no mistake explains is not blamed on one`() {
        val random = Random(1)
        assertNull(recognise(changed(preprocessor(photo)) { _, value -> value / 2 + 60 + random.nextInt(20) }))
    }
}
