package dev.edgevit.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class LabelsTest {
    @Test
    fun `any content survives`() {
        val contents = listOf(
            listOf("a", "b"), listOf("quotes \" \${x} \\(x)", "tab\tend"), listOf("\u05D0\u05D1", "\uD83E\uDD8E"),
            listOf("r\r", "line\u2028separator"), listOf("e\u0301", "\u00E9"), listOf("", "after an empty one"),
        )
        for (labels in contents) {
            val data = labels.joinToString("") { "$it\n" }.encodeToByteArray()
            assertEquals(labels, Labels.parse(data, labels.size))
        }
    }

    @Test
    fun `a model without classes has none`() {
        assertTrue(Labels.parse(ByteArray(0), 0).isEmpty())
    }

    @Test
    fun `a wrong count and bytes that are not UTF-8 are refused`() {
        val count = assertThrows(EdgeVitException.BadModelData::class.java) {
            Labels.parse("one\n".encodeToByteArray(), 2)
        }
        assertEquals("The model package is damaged: labels.txt has 1 lines for 2 classes.", count.message)
        val bytes = byteArrayOf(0xC3.toByte(), 0x28, 0x0A)
        assertThrows(EdgeVitException.BadModelData::class.java) { Labels.parse(bytes, 1) }
    }
}
