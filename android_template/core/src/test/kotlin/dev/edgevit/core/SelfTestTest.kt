package dev.edgevit.core

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.security.MessageDigest
import kotlin.io.encoding.Base64
import kotlin.math.ln
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class SelfTestTest {
    private val pixels = RgbImage(2, 1, byteArrayOf(1, 2, 3, 4, 5, 6))
    private val digest = MessageDigest.getInstance("SHA-256").digest(pixels.values).joinToString("") { "%02x".format(it) }

    private fun golden(shape: List<Int>, quantity: String, values: List<Float>, name: String = "photo"): Golden {
        val bytes = ByteBuffer.allocate(4 * values.size).order(ByteOrder.LITTLE_ENDIAN)
        values.forEach { bytes.putFloat(it) }
        val output = """{"shape": $shape, "quantity": "$quantity", "float32": "${Base64.encode(bytes.array())}"}"""
        val photo = """{"name": "$name", "pixels_sha256": "$digest", "outputs": [$output]}"""
        return Golden.parse("""{"schema": "edgevit-golden/1", "photos": [$photo]}""".encodeToByteArray())
    }

    private fun judge(golden: Golden, shape: List<Int>, values: List<Float>, by: Accelerator = Accelerator.CPU) =
        SelfTest.judge(golden.photos.single(), pixels, listOf(OutputArray("out", shape, values.toFloatArray())), by)

    @Test
    fun `equal outputs pass`() {
        val result = judge(golden(listOf(1, 3), "value", listOf(1f, 5f, -2f)), listOf(1, 3), listOf(1f, 5f, -2f))
        assertEquals(Double.POSITIVE_INFINITY, result.decibels, 0.0)
        assertTrue(result.passed && result.pixelsAreExact && result.sameBest)
    }

    @Test
    fun `the figure is that of edgevit's verdict`() {
        // 20 log10(range 10 / RMS 0.1), by hand.
        val result = judge(golden(listOf(1, 2), "value", listOf(0f, 10f)), listOf(1, 2), listOf(0.1f, 9.9f))
        assertEquals(40.0, result.decibels, 1e-4)
        assertFalse(result.passed)
        assertTrue(judge(golden(listOf(1, 2), "value", listOf(0f, 10f)), listOf(1, 2), listOf(0.09f, 9.91f), Accelerator.GPU).passed)
    }

    @Test
    fun `probabilities are compared as logarithms, up to a constant and without the vanished ones`() {
        val logarithms = listOf(ln(0.7f), ln(0.2f), ln(0.1f), Float.NEGATIVE_INFINITY)
        val wanted = golden(listOf(1, 4), "log-probability", logarithms)
        assertTrue(judge(wanted, listOf(1, 4), listOf(0.7f, 0.2f, 0.1f, 0f)).passed)
        assertTrue(judge(wanted, listOf(1, 4), listOf(0.35f, 0.1f, 0.05f, 0.5f)).passed)
        assertFalse(judge(wanted, listOf(1, 4), listOf(0.2f, 0.7f, 0.1f, 0f)).sameBest)
    }

    @Test
    fun `maps are compared in PyTorch's order of axes`() {
        // PyTorch: channels first, 2 channels of 1 x 2; TFLite: channels last.
        val wanted = golden(listOf(1, 2, 1, 2), "value", listOf(1f, 2f, 3f, 4f))
        assertTrue(judge(wanted, listOf(1, 1, 2, 2), listOf(1f, 3f, 2f, 4f)).passed)
        assertFalse(judge(wanted, listOf(1, 1, 2, 2), listOf(1f, 2f, 3f, 4f)).passed)
    }

    @Test
    fun `large outputs are compared where values were kept`() {
        val all = List(10) { it.toFloat() }
        val kept = List(4) { all[it * 10 / 4] }
        assertTrue(judge(golden(listOf(1, 10), "value", kept), listOf(1, 10), all).passed)
    }

    @Test
    fun `other pixels fail, whatever comes out`() {
        val golden = golden(listOf(1, 2), "value", listOf(0f, 1f))
        val other = RgbImage(2, 1, ByteArray(6))
        val output = listOf(OutputArray("out", listOf(1, 2), floatArrayOf(0f, 1f)))
        val result = SelfTest.judge(golden.photos.single(), other, output, Accelerator.CPU)
        assertFalse(result.pixelsAreExact)
        assertFalse(result.passed)
    }

    @Test
    fun `an overflow on the device fails`() {
        val golden = golden(listOf(1, 2), "value", listOf(0f, 1f))
        val result = judge(golden, listOf(1, 2), listOf(Float.NaN, 1f))
        assertEquals(Double.NEGATIVE_INFINITY, result.decibels, 0.0)
        assertFalse(result.passed)
    }

    @Test
    fun `another number of values is an error`() {
        val golden = golden(listOf(1, 2), "value", listOf(0f, 1f))
        assertThrows(EdgeVitException.UnexpectedOutput::class.java) { judge(golden, listOf(1, 3), listOf(0f, 1f, 2f)) }
        assertThrows(EdgeVitException.UnexpectedOutput::class.java) {
            SelfTest.judge(golden.photos.single(), pixels, emptyList(), Accelerator.CPU)
        }
    }

    @Test
    fun `damaged files are refused`() {
        assertThrows(EdgeVitException.BadModelData::class.java) { golden(listOf(1, 2), "value", listOf(1f, 2f, 3f)) }
        assertThrows(EdgeVitException.BadModelData::class.java) { golden(listOf(1, 2), "value", emptyList()) }
        assertThrows(EdgeVitException.BadModelData::class.java) { golden(listOf(1, 1), "value", listOf(1f), "../etc") }
        assertThrows(EdgeVitException.BadModelData::class.java) {
            Golden.parse("""{"schema": "edgevit-golden/2"}""".encodeToByteArray())
        }
        assertEquals(0, Golden.parse("{}".encodeToByteArray()).photos.size)
    }
}
