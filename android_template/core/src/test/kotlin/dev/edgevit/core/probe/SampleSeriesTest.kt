package dev.edgevit.core.probe

import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class SampleSeriesTest {
    private val cool = Conditions(Thermal.NOMINAL, lowPower = false, battery = null, freeMemory = null)

    private fun series(runs: Int) = SampleSeries().apply {
        repeat(runs) { add(ProbeSample(it.toLong(), 1, cool)) }
    }

    @Test
    fun `all runs are kept while there is room`() {
        for (runs in listOf(0, 1, 2, SampleSeries.LIMIT)) {
            val series = series(runs)
            assertEquals((0L until runs).toList(), series.samples.map { it.start })
            assertEquals(runs.toLong() to 1L, series.runs to series.stride)
        }
    }

    @Test
    fun `more are thinned evenly, with the first and the last`() {
        val limit = SampleSeries.LIMIT
        for (runs in listOf(limit + 1, limit + 2, 2 * limit - 1, 2 * limit, 2 * limit + 1, 5 * limit + 3, 1_000_000)) {
            val series = series(runs)
            val expected = (0L until runs step series.stride).toList() + (runs - 1L)
            assertEquals(expected.distinct(), series.samples.map { it.start })
            assertEquals(runs.toLong(), series.runs)
            assertTrue("$runs", series.samples.size in limit / 2..limit)
        }
    }

    @Test
    fun `the stride doubles`() {
        val limit = SampleSeries.LIMIT
        val strides = listOf(limit, limit + 1, 2 * limit - 1, 2 * limit).map { series(it).stride }
        assertEquals(listOf(1L, 2L, 2L, 4L), strides)
    }
}
