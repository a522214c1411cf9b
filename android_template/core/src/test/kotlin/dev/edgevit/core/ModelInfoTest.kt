package dev.edgevit.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class ModelInfoTest {
    private val valid = Vectors.bytes("sample-edgevit.json").decodeToString()

    private fun refusal(text: String): String = assertThrows(text, EdgeVitException.BadModelData::class.java) {
        ModelInfo.parse(text.encodeToByteArray())
    }.message.orEmpty()

    /** The valid file with the first match of [pattern] replaced. */
    private fun edited(pattern: String, replacement: String): String =
        Regex(pattern).also { assertTrue(pattern, it.containsMatchIn(valid)) }.replaceFirst(valid, replacement)

    @Test
    fun `a file that edgevit wrote is read and makes sense`() {
        val info = ModelInfo.parse(valid.encodeToByteArray())
        assertEquals(64, info.artifact.sha256.length)
        assertEquals(ModelInfo.Head.PROBABILITIES, info.output.head)
        assertEquals(32, info.input.width)
        assertEquals(ModelInfo.PixelType.UINT8, info.input.type)
        assertEquals(info.weights.kind != "random", info.weights.trained)
    }

    @Test
    fun `another schema is refused by name`() {
        val message = refusal(edited("edgevit-sdk/1", "edgevit-sdk/9"))
        assertEquals("The model package is damaged: edgevit.json has schema edgevit-sdk/9, not edgevit-sdk/1.", message)
    }

    @Test
    fun `missing parts are refused by name`() {
        val parts = listOf(
            "model", "weights", "input", "output", "artifact", "schema", "crop_pct", "trained", "budget", "std", "type",
            "batch",
        )
        for (part in parts) {
            assertTrue(part, part in refusal(edited("\"$part\":", "\"other\":")))
        }
    }

    @Test
    fun `impossible values are refused`() {
        for (width in listOf("0", "-4", "1.5", "99999999999", "\"32\"")) {
            refusal(edited("\"width\": 32", "\"width\": $width"))
        }
        for (batch in listOf("0", "-1", "1.5", "null")) refusal(edited("\"batch\": 1", "\"batch\": $batch"))
        for (share in listOf("0", "1.5", "-1", "null")) {
            refusal(edited("\"crop_pct\": [0-9.]+", "\"crop_pct\": $share"))
        }
        refusal(edited("\"type\": \"uint8\"", "\"type\": \"int8\""))
        refusal(edited("bicubic", "bilinear"))
        refusal(edited("\"probabilities\"", "\"guess\""))
        refusal(edited("\"format\": \"tflite\"", "\"format\": \"mlpackage\""))
    }

    @Test
    fun `bytes that are no JSON object are refused`() {
        for (text in listOf("", "{", "[]", "null")) refusal(text)
        assertThrows(EdgeVitException.BadModelData::class.java) { ModelInfo.parse(byteArrayOf(0xC3.toByte(), 0x28)) }
    }
}
