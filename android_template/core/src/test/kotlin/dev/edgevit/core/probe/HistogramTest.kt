package dev.edgevit.core.probe

import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class HistogramTest {
    @Test
    fun `every duration is counted once, the long ones in the last bin`() {
        val durations = (1L..99L).toList() + 1_000_000L
        val histogram = requireNotNull(Histogram.of(durations, bins = 10))
        assertEquals(100, histogram.counts.sum())
        assertEquals(1L, histogram.from)
        assertEquals(1, histogram.counts.last())
        assertTrue(histogram.from + 10 * histogram.width >= 99)
    }

    @Test
    fun `equal durations are in the first bin, none make no histogram`() {
        assertEquals(Histogram(5, 1, listOf(3, 0)), Histogram.of(listOf(5, 5, 5), bins = 2))
        assertNull(Histogram.of(emptyList()))
    }
}
