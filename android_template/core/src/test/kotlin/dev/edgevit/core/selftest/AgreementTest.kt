package dev.edgevit.core.selftest

import kotlin.math.log10
import kotlin.math.sqrt
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test

class AgreementTest {
    private fun agreement(reference: List<Double>, actual: List<Double>): Agreement =
        requireNotNull(Agreement.of(reference.toDoubleArray(), actual.toDoubleArray()))

    @Test
    fun `agreement by hand`() {
        val equal = agreement(listOf(0.0, 1.0, 3.0), listOf(0.0, 1.0, 3.0))
        assertEquals(Double.POSITIVE_INFINITY, equal.psnr, 0.0)
        assertTrue(equal.sameTop)
        assertEquals(2.0 / 3, equal.margin, 1e-12)
        val off = agreement(listOf(0.0, 1.0, 10.0), listOf(0.0, 1.0, 9.0))
        assertEquals(20 * log10(10 / sqrt(1.0 / 3)), off.psnr, 1e-9)
        assertEquals(1.0, off.maxAbs, 0.0)
        assertFalse(agreement(listOf(0.0, 2.0, 1.0), listOf(0.0, 1.0, 2.0)).sameTop)
        assertEquals(1.0, agreement(listOf(4.0), listOf(5.0)).margin, 0.0)
    }

    @Test
    fun `few values are measured by their size, many by their range`() {
        assertEquals(20 * log10(4.0), agreement(listOf(4.0), listOf(5.0)).psnr, 1e-9)
        assertEquals(20 * log10(101.0), agreement(listOf(101.0, 100.0), listOf(100.0, 99.0)).psnr, 1e-9)
        val many = List(40) { 100.0 + it % 2 }
        assertEquals(0.0, agreement(many, many.map { it + 1 }).psnr, 1e-9)
    }

    @Test
    fun `what cannot be compared has no figures`() {
        assertNull(Agreement.of(doubleArrayOf(1.0), doubleArrayOf(1.0, 2.0)))
        assertNull(Agreement.of(doubleArrayOf(1.0), doubleArrayOf(Double.NaN)))
        assertNull(Agreement.of(DoubleArray(0), DoubleArray(0)))
    }

    @Test
    fun `probabilities by their difference, arrays by PSNR, the best class unless it was close`() {
        val tolerance = Tolerance(50.0, 0.02, 0.01)
        val close = agreement(listOf(0.9, 0.1), listOf(0.885, 0.115))
        assertTrue(tolerance.allows(close, probabilities = true))
        assertFalse(tolerance.allows(close, probabilities = false))
        val swapped = agreement(listOf(0.5, 0.49, 0.01), listOf(0.49, 0.5, 0.01))
        assertFalse(tolerance.allows(swapped, probabilities = true))
        val tied = agreement(listOf(0.5, 0.499, 0.001), listOf(0.499, 0.5, 0.001))
        assertTrue(tolerance.allows(tied, probabilities = true))
        assertTrue(tolerance.allows(Agreement(40.0, 9.0, sameTop = true, margin = 1.0), probabilities = false))
        assertFalse(tolerance.allows(Agreement(39.9, 9.0, sameTop = true, margin = 1.0), probabilities = false))
    }
}
