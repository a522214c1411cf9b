package dev.edgevit.core.selftest

import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.ModelInfo
import dev.edgevit.core.OutputArray
import dev.edgevit.core.Preprocessor
import dev.edgevit.core.RgbImage
import dev.edgevit.core.Vectors
import dev.edgevit.core.data
import dev.edgevit.core.size
import dev.edgevit.core.text
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.io.encoding.Base64
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class SelfTestTest {
    private val info = ModelInfo.parse(Vectors.bytes("sample-edgevit.json"))
    private val preprocessor = Preprocessor(info.input)
    private val photographs = Vectors.cases("photos").associate {
        it.text("name") to RgbImage(it.size("width"), it.size("height"), it.data("pixels"))
    }

    // A square photograph cannot show that it was stretched.
    private val photograph = photographs.getValue("coffee")

    private fun output(values: DoubleArray) =
        OutputArray("p", listOf(1, values.size), FloatArray(values.size) { values[it].toFloat() })

    private fun golden(outputs: String) = Golden.parse(
        """{"schema": "edgevit-golden/1", "photos": [{"name": "a", "pixels_sha256": "", "outputs": [$outputs]}]}"""
            .encodeToByteArray(),
    )

    private fun float32(values: List<Float>): String {
        val bytes = ByteBuffer.allocate(4 * values.size).order(ByteOrder.LITTLE_ENDIAN)
        values.forEach { bytes.putFloat(it) }
        return Base64.encode(bytes.array())
    }

    @Test
    fun `golden outputs are read, and their pixels are what the preprocessing makes`() {
        val golden = Golden.parse(Vectors.bytes("sample-golden.json"))
        assertEquals(photographs.keys, golden.photos.map { it.name }.toSet())
        for (photo in golden.photos) {
            val photograph = photographs.getValue(photo.name)
            val pixels = preprocessor(photograph)
            val answer = photo.outputs.single().values
            assertEquals(1.0, answer.sum(), 1e-5)
            val result = SelfTestResult.of(photo, photograph, pixels, listOf(output(answer)), info)
            assertTrue(result.passed)
            assertNull(result.mistake)
            val wrong = SelfTestResult.of(photo, photograph, pixels, listOf(output(answer.reversedArray())), info)
            assertTrue(wrong.samePixels && !wrong.sameAnswer)
            assertFalse(SelfTestResult.of(photo, photograph, pixels, emptyList(), info).passed)
            val overflow = output(DoubleArray(answer.size) { Double.NaN })
            assertFalse(SelfTestResult.of(photo, photograph, pixels, listOf(overflow), info).passed)
            val swapped = ImageMistake.BGR.applied(photograph, info.input)
            assertFalse(SelfTestResult.of(photo, photograph, swapped, listOf(output(answer)), info).passed)
        }
    }

    @Test
    fun `of larger outputs the same elements are kept as in Python`() {
        val kept = Golden.sampled(FloatArray(10_000) { it.toFloat() })
        assertEquals(4096, kept.size)
        assertEquals(2.0, kept[1], 0.0)
        assertEquals((4095 * 10_000 / 4096).toDouble(), kept[4095], 0.0)
        assertArrayEquals(doubleArrayOf(1.0, 2.0), Golden.sampled(floatArrayOf(1f, 2f)), 0.0)
    }

    @Test
    fun `maps are compared in PyTorch's order of axes`() {
        // PyTorch: channels first, 2 channels of 1 x 2 pixels; TFLite: channels last.
        val stored = float32(listOf(1f, 2f, 3f, 4f))
        val map = golden("""{"shape": [1, 2, 1, 2], "quantity": "value", "float32": "$stored"}""").photos.single()
        fun passes(values: FloatArray): Boolean {
            val answer = OutputArray("stage1", listOf(1, 1, 2, 2), values)
            return SelfTestResult.of(map, photograph, preprocessor(photograph), listOf(answer), info).sameAnswer
        }
        assertTrue(passes(floatArrayOf(1f, 3f, 2f, 4f)))
        assertFalse(passes(floatArrayOf(1f, 2f, 3f, 4f)))
    }

    @Test
    fun `every usual mistake is named`() {
        for (mistake in ImageMistake.entries) {
            val pixels = mistake.applied(photograph, info.input)
            assertEquals(mistake, ImageMistake.explaining(pixels, photograph, info.input))
            assertTrue(mistake.advice.endsWith("."))
        }
    }

    @Test
    fun `a slightly different resize, another image and another size are not called by a wrong name`() {
        val right = preprocessor(photograph)
        val rounded = ByteArray(right.values.size) { (right.values[it].toInt() xor 1).toByte() }
        val near = RgbImage(right.width, right.height, rounded)
        assertNull(ImageMistake.explaining(near, photograph, info.input))
        val other = preprocessor(photographs.getValue("astronaut"))
        assertNull(ImageMistake.explaining(other, photograph, info.input))
        assertNull(ImageMistake.explaining(photograph, photograph, info.input))
    }

    @Test
    fun `damaged golden outputs are refused`() {
        val texts = listOf("", "{}", """{"schema": "other/1", "photos": []}""", """{"schema": "edgevit-golden/1"}""")
        for (text in texts) {
            assertThrows(text, EdgeVitException.BadModelData::class.java) { Golden.parse(text.encodeToByteArray()) }
        }
        val good = """{"shape": [2], "quantity": "value", "float32": "${float32(listOf(1f, 2f))}"}"""
        assertNotNull(golden(good))
        val damages = listOf("[2]" to "[3]", "[2]" to "[0]", "[2]" to "[-2]", "\"float32\": \"" to "\"float32\": \"*")
        for ((old, new) in damages) {
            assertThrows(EdgeVitException.BadModelData::class.java) { golden(good.replace(old, new)) }
        }
        val photo = """{"name": "../a", "pixels_sha256": "", "outputs": []}"""
        val path = """{"schema": "edgevit-golden/1", "photos": [$photo]}"""
        assertThrows(EdgeVitException.BadModelData::class.java) { Golden.parse(path.encodeToByteArray()) }
    }
}
