package dev.edgevit.core

import dev.edgevit.core.ModelInfo.PixelType
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Test

class InputValuesTest {
    private val described = ModelInfo.parse(Vectors.bytes("sample-edgevit.json")).input

    private fun values(type: PixelType, batch: Int = 1) =
        InputValues(described.copy(width = 2, height = 1, type = type, batch = batch))

    private val levels = intArrayOf(0, 1, 127, 128, 254, 255)
    private val image = RgbImage(2, 1, ByteArray(levels.size) { levels[it].toByte() })

    @Test
    fun `bytes are the image's own`() {
        val values = values(PixelType.UINT8)
        values.fill(listOf(image))
        assertArrayEquals(image.values, values.bytes)
        assertEquals(0, values.floats.size)
    }

    @Test
    fun `floats are the same levels, from 0 to 255`() {
        val values = values(PixelType.FLOAT32)
        values.fill(listOf(image))
        assertArrayEquals(FloatArray(levels.size) { levels[it].toFloat() }, values.floats, 0f)
        assertEquals(0, values.bytes.size)
    }

    @Test
    fun `a second image replaces the first`() {
        for (type in PixelType.entries) {
            val values = values(type)
            values.fill(listOf(image))
            values.fill(listOf(RgbImage(2, 1, ByteArray(levels.size))))
            assertEquals(0.0, values.bytes.sumOf { it.toDouble() } + values.floats.sumOf { it.toDouble() }, 0.0)
        }
    }

    @Test
    fun `images lie one behind the other, and the last one fills up the rest`() {
        val other = RgbImage(2, 1, ByteArray(levels.size) { it.toByte() })
        val bytes = values(PixelType.UINT8, batch = 4).also { it.fill(listOf(image, other)) }.bytes
        assertArrayEquals(image.values + other.values + other.values + other.values, bytes)
        val floats = values(PixelType.FLOAT32, batch = 4).also { it.fill(listOf(image, other)) }.floats
        assertArrayEquals(FloatArray(bytes.size) { (bytes[it].toInt() and 0xFF).toFloat() }, floats, 0f)
    }
}
