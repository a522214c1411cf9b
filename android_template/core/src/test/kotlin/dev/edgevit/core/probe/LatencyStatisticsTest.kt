package dev.edgevit.core.probe

import dev.edgevit.core.Json
import dev.edgevit.core.Vectors
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class LatencyStatisticsTest {
    private fun Json?.longs(): List<Long> = (this as Json.Items).values.map { (it as Json.Number).text.toLong() }

    @Test
    fun `figures are numpy's`() {
        val cases = Vectors.cases("statistics")
        assertTrue(cases.size >= 5)
        for (case in cases) {
            val wanted = (case.getValue("statistics") as Json.Table).members
                .mapValues { (_, value) -> (value as Json.Number).text.toLong() }
            val figures = requireNotNull(LatencyStatistics.of(case["series"].longs()))
            val ours = mapOf(
                "count" to figures.count.toLong(), "min" to figures.minimum, "max" to figures.maximum,
                "mean" to figures.mean, "std" to figures.deviation, "p50" to figures.p50, "p90" to figures.p90,
                "p99" to figures.p99,
            )
            assertEquals(wanted, ours)
        }
    }

    @Test
    fun `modelbench is numpy's`() {
        val file = Json.parse(Vectors.bytes("statistics.json").decodeToString()) as Json.Table
        val modelbench = (file.members.getValue("modelbench") as Json.Table).members
        val rounds = (modelbench.getValue("rounds") as Json.Items).values.map { it.longs() }
        val figure = (modelbench.getValue("figure") as Json.Number).text.toLong()
        assertEquals(figure, LatencyStatistics.modelbench(rounds))
    }

    @Test
    fun `too little has no figures`() {
        assertNull(LatencyStatistics.of(emptyList()))
        val slow = List(5) { 1_000_000L }
        assertEquals(15L, LatencyStatistics.modelbench(listOf(slow, listOf(5L, 10L, 20L, 900L)), trim = 1))
        assertNull(LatencyStatistics.modelbench(listOf(slow), trim = 1))
        assertNull(LatencyStatistics.modelbench(listOf(slow, listOf(1L, 2L)), trim = 1))
    }
}
