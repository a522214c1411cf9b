package dev.edgevit.core

import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class RankingTest {
    @Test
    fun `softmax and order are Python's`() {
        val cases = Vectors.cases("ranking")
        assertTrue(cases.size >= 5)
        for (case in cases) {
            val logits = case.numbers("logits").map { it.toFloat() }.toFloatArray()
            val probabilities = Ranking.softmax(logits)
            assertArrayEquals(case.numbers("probabilities").toDoubleArray(), probabilities, 1e-12)
            val order = case.numbers("order").map { it.toInt() }
            val all = Ranking.top(logits.size, probabilities, logits.indices.map { "class $it" })
            assertEquals(order, all.map { it.index })
            assertEquals(order.map { "class $it" }, all.map { it.label })
        }
    }

    @Test
    fun `counts beyond both ends`() {
        val probabilities = doubleArrayOf(0.25, 0.75)
        assertEquals(emptyList<Prediction>(), Ranking.top(-1, probabilities, listOf("a", "b")))
        assertEquals(listOf("b", "a"), Ranking.top(9, probabilities, listOf("a", "b")).map { it.label })
        assertEquals(0, Ranking.softmax(FloatArray(0)).size)
    }

    @Test
    fun `scores that are no numbers are an error, not a prediction`() {
        for (value in listOf(Double.NaN, Double.POSITIVE_INFINITY)) {
            assertThrows(EdgeVitException.UnexpectedOutput::class.java) {
                Ranking.top(1, doubleArrayOf(0.5, value), listOf("a", "b"))
            }
        }
    }

    @Test
    fun `a label too few is an error`() {
        assertThrows(EdgeVitException.UnexpectedOutput::class.java) {
            Ranking.top(1, doubleArrayOf(0.5, 0.5), listOf("a"))
        }
    }
}
