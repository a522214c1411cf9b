package dev.edgevit.core

import java.nio.ByteBuffer
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class YuvTest {
    private fun plane(case: Map<String, Json>, name: String) =
        YuvPlane(ByteBuffer.wrap(case.data(name)), case.size("${name}_row_stride"), case.size("${name}_pixel_stride"))

    @Test
    fun `frames are Python's bit for bit, with any strides`() {
        val cases = Vectors.cases("frames")
        assertTrue(cases.size >= 5)
        for (case in cases) {
            val image =
                Yuv.toRgb(case.size("width"), case.size("height"), plane(case, "y"), plane(case, "u"), plane(case, "v"))
            assertArrayEquals(case.text("name"), case.data("expected"), image.values)
        }
    }

    @Test
    fun `a plane may end right behind its last sample`() {
        val luma = YuvPlane(ByteBuffer.wrap(ByteArray(4 + 2)), 4, 1)
        val chroma = YuvPlane(ByteBuffer.wrap(ByteArray(1)), 4, 2)
        assertEquals(12, Yuv.toRgb(2, 2, luma, chroma, chroma).values.size)
    }

    @Test
    fun `short planes and impossible sizes are refused, not read`() {
        val enough = YuvPlane(ByteBuffer.wrap(ByteArray(16)), 4, 1)
        val short = YuvPlane(ByteBuffer.wrap(ByteArray(1)), 2, 1)
        for (place in 0 until 3) {
            val (y, u, v) = List(3) { if (it == place) short else enough }
            assertThrows(EdgeVitException.UnreadableImage::class.java) { Yuv.toRgb(4, 4, y, u, v) }
        }
        assertThrows(EdgeVitException.UnreadableImage::class.java) { Yuv.toRgb(0, 4, enough, enough, enough) }
    }
}
