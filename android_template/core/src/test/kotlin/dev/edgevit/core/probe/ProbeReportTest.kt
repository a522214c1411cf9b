package dev.edgevit.core.probe

import dev.edgevit.core.Accelerator
import dev.edgevit.core.Placement
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class ProbeReportTest {
    private val subject = ProbeSubject("m", "00", "a \"phone\"\n", "Android \u05D0", optimized = true, weightsAreTrained = false)

    @Test
    fun `an empty report leaves out what was not measured`() {
        val report = ProbeReport(subject, ProbePlan.standard(), 1_700_000_000)
        assertEquals(
            "{\"discarded\":0,\"events\":[],\"phase\":\"started\",\"placement\":{\"asked\":\"cpu\",\"failures\":[]}," +
                "\"plan\":{\"compute_units\":\"cpu\",\"layout\":\"standard\",\"min_duration_ns\":10000000000," +
                "\"min_runs\":100,\"preparations\":20,\"round_length\":0,\"warm_up\":10},\"preparations_ns\":[]," +
                "\"samples\":[],\"schema\":\"edgevit-report/1\",\"started_at_s\":1700000000," +
                "\"subject\":{\"device\":\"a \\\"phone\\\"\\n\",\"model\":\"m\",\"optimized\":true,\"sha256\":\"00\"," +
                "\"system\":\"Android \u05D0\",\"weights_are_trained\":false}}",
            report.json(),
        )
    }

    @Test
    fun `everything that was measured is in it`() {
        val conditions = Conditions(Thermal.FAIR, lowPower = true, battery = 80, freeMemory = 5, headroom = 71)
        val json = ProbeReport(
            subject,
            ProbePlan.modelbench(Accelerator.GPU),
            0,
            ProbeReport.Phase.MEASURED,
            Placement(Accelerator.GPU).failed("no library").succeeded(),
            load = 3,
            first = 4,
            preparations = listOf(5),
            samples = listOf(ProbeSample(6, 7, conditions)),
            discarded = 8,
            events = listOf(ProbeEvent(9, ProbeEvent.Kind.MEMORY_WARNING, "\u0001")),
        ).json()
        val parts = listOf(
            "\"load_ns\":3", "\"first_ns\":4", "\"preparations_ns\":[5]", "\"discarded\":8", "\"phase\":\"measured\"",
            "\"placement\":{\"asked\":\"gpu\",\"failures\":[{\"reason\":\"no library\",\"units\":\"gpu\"}],\"used\":\"cpu\"}",
            "{\"at_ns\":9,\"detail\":\"\\u0001\",\"kind\":\"memory_warning\"}",
            "{\"conditions\":{\"battery_percent\":80,\"free_memory_bytes\":5,\"low_power\":true,\"thermal\":\"fair\"," +
                "\"thermal_headroom_percent\":71},\"duration_ns\":7,\"start_ns\":6}",
        )
        assertEquals(emptyList<String>(), parts.filter { it !in json })
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
