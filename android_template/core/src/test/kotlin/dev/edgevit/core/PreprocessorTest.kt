package dev.edgevit.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class PreprocessorTest {
    @Test
    fun `pixels are Python's bit for bit`() {
        val cases = Vectors.cases("preprocessing")
        assertTrue(cases.size >= 19)
        for (case in cases) {
            val stored = RgbImage(case.size("width"), case.size("height"), case.data("pixels"))
            val preprocessor =
                Preprocessor(case.size("target_width"), case.size("target_height"), case.number("crop_pct"))
            val result = preprocessor(Orientation.ofExif(case.size("orientation")).upright(stored))
            assertEquals(case.size("target_width"), result.width)
            assertEquals(case.size("target_height"), result.height)
            assertArrayEquals(case.text("name"), case.data("expected"), result.values)
        }
    }

    @Test
    fun `a very narrow image covers the input`() {
        val (size, crop) = Preprocessor(256, 256, 0.9).plan(1, 9000)
        assertEquals(PixelSize(284, 284 * 9000), size)
        assertEquals(PixelRect(14, 1_277_872, 256, 256), crop)
    }

    @Test
    fun `an image too narrow to be resized is refused`() {
        assertThrows(EdgeVitException.UnreadableImage::class.java) {
            Preprocessor(256, 256, 0.9).plan(1, Int.MAX_VALUE)
        }
    }

    @Test
    fun `sizes that do not fit their values are refused`() {
        for ((width, height) in listOf(0 to 4, 4 to 0, -1 to -1, 2 to 3, Int.MAX_VALUE to 2)) {
            assertThrows("$width x $height", EdgeVitException.UnreadableImage::class.java) {
                RgbImage(width, height, ByteArray(3))
            }
        }
    }

    @Test
    fun `packed pixels are read as red, green, blue, and transparency lies on black`() {
        val pixels = intArrayOf(0x00010203, 0xFFF0E0D0.toInt(), 0x80FF6401.toInt())
        fun levels(hasAlpha: Boolean) =
            RgbImage.ofPackedPixels(3, 1, pixels, hasAlpha).values.map { it.toInt() and 0xFF }
        assertEquals(listOf(1, 2, 3, 0xF0, 0xE0, 0xD0, 255, 100, 1), levels(hasAlpha = false))
        assertEquals(listOf(0, 0, 0, 0xF0, 0xE0, 0xD0, 128, 50, 1), levels(hasAlpha = true))
    }

    @Test
    fun `a camera's rotation is the Exif orientation that turns back`() {
        val turned = listOf(0, 90, 180, 270).map { Orientation.ofRotation(it).exif }
        assertEquals(listOf(1, 6, 3, 8), turned)
        assertThrows(IllegalArgumentException::class.java) { Orientation.ofRotation(45) }
    }
}
