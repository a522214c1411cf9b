package dev.edgevit.core.probe

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Test

class LatencyStatisticsTest {
    @Test
    fun `figures are those of numpy's defaults`() {
        val statistics = LatencyStatistics.of((1L..100L).map { it * 1000 }.shuffled())
        assertEquals(LatencyStatistics(100, 1000, 100_000, 50_500, 29_011, 50_500, 90_100, 99_010), statistics)
    }

    @Test
    fun `one duration has no deviation, none has no figures`() {
        assertEquals(LatencyStatistics(1, 7, 7, 7, 0, 7, 7, 7), LatencyStatistics.of(listOf(7)))
        assertNull(LatencyStatistics.of(emptyList()))
    }

    @Test
    fun `modelbench drops the first round and trims the others`() {
        val slow = List(5) { 1_000_000L }
        val round = listOf(1L, 10L, 20L, 30L, 999L)
        assertEquals(20L, LatencyStatistics.modelbench(listOf(slow, round, round.reversed()), trim = 1))
        assertEquals(15L, LatencyStatistics.modelbench(listOf(slow, listOf(5L, 10L, 20L, 900L)), trim = 1))
        assertNull(LatencyStatistics.modelbench(listOf(slow), trim = 1))
        assertNull(LatencyStatistics.modelbench(listOf(slow, listOf(1L, 2L)), trim = 1))
    }
}
