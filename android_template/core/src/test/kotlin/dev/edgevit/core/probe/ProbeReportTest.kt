package dev.edgevit.core.probe

import dev.edgevit.core.Accelerator
import dev.edgevit.core.Placement
import dev.edgevit.core.Vectors
import dev.edgevit.core.selftest.Agreement
import dev.edgevit.core.selftest.ImageMistake
import dev.edgevit.core.selftest.SelfTestResult
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class ProbeReportTest {
    private val subject = ProbeSubject(
        "quotes \" and \\ / slashes, \u05D0, \uD83E\uDD8E, tab\t, bell\u0007", "ab".repeat(32), "Google Pixel 9",
        "Android 16 (API 36)", optimized = true, weightsAreTrained = false, threadPriority = -8,
    )

    @Test
    fun `the file is Python's byte for byte`() {
        val warm = Conditions(Thermal.FAIR, lowPower = false, battery = 81, freeMemory = 3_221_225_472, 70, 99)
        val cold = Conditions(Thermal.NOMINAL, lowPower = true, battery = null, freeMemory = null)
        val report = ProbeReport(
            subject,
            ProbePlan.modelbench(Accelerator.GPU).copy(preparations = 2),
            1_700_000_000,
            ProbeReport.Phase.MEASURED,
            Placement(Accelerator.GPU).failed("line\nbreak").succeeded(),
            load = 123_456_789_012,
            first = 0,
            preparations = listOf(1, 2),
            samples = listOf(ProbeSample(5, 7, warm), ProbeSample(13, 9, cold)),
            runs = 4,
            sampleStride = 2,
            discarded = 3,
            events = listOf(
                ProbeEvent(1, ProbeEvent.Kind.BACKGROUND), ProbeEvent(2, ProbeEvent.Kind.MEMORY_WARNING),
                ProbeEvent(3, ProbeEvent.Kind.FAILED, "why"), ProbeEvent(4, ProbeEvent.Kind.CANCELLED),
            ),
            selfTest = listOf(
                SelfTestResult("coffee", true, null, listOf(Agreement(61.2345, 0.1, true, 0.5)), true),
                SelfTestResult("rocket", false, ImageMistake.BGR, emptyList(), false),
            ),
        )
        assertEquals(Vectors.bytes("report.json").decodeToString(), report.json())
    }

    @Test
    fun `what was not measured is left out`() {
        val json = ProbeReport(subject, ProbePlan.standard(), 0).json()
        assertEquals(listOf("_ns\":null", "load_ns", "first_ns", "\"used\"").filter { it in json }, emptyList<String>())
    }

    @Test
    fun `only whole numbers are written`() {
        assertThrows(IllegalArgumentException::class.java) { CanonicalJson.encode(mapOf("a" to 0.5)) }
    }

    @Test
    fun `Android's thermal states in four steps`() {
        val words = (0..6).map { Thermal.ofStatus(it).word }
        assertEquals(listOf("nominal", "fair", "fair", "serious", "critical", "critical", "critical"), words)
    }
}
