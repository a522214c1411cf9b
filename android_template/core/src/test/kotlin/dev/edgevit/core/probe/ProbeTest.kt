package dev.edgevit.core.probe

import dev.edgevit.core.Accelerator
import java.io.IOException
import kotlin.random.Random
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class ProbeTest {
    private val plan = ProbePlan(
        ProbePlan.Layout.STANDARD, minimumRuns = 20, minimumDuration = 30_000_000, warmUp = 3, preparations = 2,
        accelerator = Accelerator.NPU,
    )
    private val subject =
        ProbeSubject("sample", "0".repeat(64), "none", "none", optimized = true, weightsAreTrained = true)

    private fun probe(world: ProbeWorld, plan: ProbePlan = this.plan, onPhase: (ProbeReport) -> Unit = {}) =
        ProbeRunner(world, world).run(ProbeReport(subject, plan, 1_700_000_000), onPhase)

    private fun script(edit: ProbeScript.() -> Unit) = ProbeWorld(ProbeScript().apply(edit))

    @Test
    fun `an undisturbed run is valid, and its samples are what the model did`() {
        val world = script {}
        val report = probe(world)
        assertEquals(emptyList<InvalidReason>(), report.invalidReasons)
        assertEquals(ProbeReport.Phase.MEASURED, report.phase)
        assertEquals(50_000_000L, report.load)
        assertEquals(listOf(2_000_000L, 2_000_000L), report.preparations)
        assertEquals(world.runs[0].duration, report.first)
        val measured = world.runs.drop(1 + plan.warmUp).map { ProbeSample(it.start, it.duration, it.conditions) }
        assertEquals(measured, report.samples)
        assertEquals(measured.size.toLong() to 1L, report.runs to report.sampleStride)
        assertEquals(measured.size, report.statistics?.count)
        assertNull(world.loaded)
    }

    @Test
    fun `a partial report follows every phase`() {
        val phases = ArrayList<String>()
        probe(script {}) { phases += it.phase.word }
        assertEquals(listOf("loaded", "first", "prepared", "warm", "measured"), phases)
    }

    @Test
    fun `what ended a probe early is in the last report that was handed out`() {
        val reports = ArrayList<ProbeReport>()
        val last = probe(script { cancelledRun = 9 }, onPhase = reports::add)
        assertEquals(last, reports.last())
        assertEquals(ProbeEvent.Kind.CANCELLED, last.events.single().kind)
    }

    @Test
    fun `heat makes a standard run invalid, and is what a sustained run is for`() {
        assertEquals(listOf(InvalidReason.THROTTLED), probe(script { thermal[10] = Thermal.SERIOUS }).invalidReasons)
        val sustained = plan.copy(layout = ProbePlan.Layout.SUSTAINED, minimumRuns = 1)
        assertTrue(probe(script { thermal[10] = Thermal.SERIOUS }, sustained).isValid)
        assertTrue(probe(script { thermal[0] = Thermal.CRITICAL; thermal[3] = Thermal.NOMINAL }).isValid)
    }

    @Test
    fun `a second memory warning ends the probe`() {
        val once = script { events[6] = listOf(ProbeEvent.Kind.MEMORY_WARNING) }
        assertEquals(listOf(InvalidReason.LOW_MEMORY), probe(once).invalidReasons)
        val twice = probe(script { for (run in listOf(6, 12)) events[run] = listOf(ProbeEvent.Kind.MEMORY_WARNING) })
        assertEquals(
            listOf(InvalidReason.UNFINISHED, InvalidReason.TOO_FEW_RUNS, InvalidReason.LOW_MEMORY),
            twice.invalidReasons,
        )
        assertTrue(twice.samples.isNotEmpty())
    }

    @Test
    fun `no processor loads the model`() {
        val report = probe(script { unloadable += Accelerator.entries })
        assertEquals(
            listOf(InvalidReason.UNFINISHED, InvalidReason.TOO_FEW_RUNS, InvalidReason.OTHER_PROCESSORS),
            report.invalidReasons,
        )
        assertEquals(Accelerator.NPU.chain, report.placement.failures.map { it.accelerator })
    }

    @Test
    fun `a processor that computes something else is left, and checking it is not part of any figure`() {
        val world = script { wrong += Accelerator.NPU }
        val report = probe(world)
        assertEquals(listOf(Accelerator.NPU), report.placement.failures.map { it.accelerator })
        assertEquals(Accelerator.GPU, report.placement.used)
        assertEquals(50_000_000L to world.runs[1].duration, report.load to report.first)
    }

    @Test
    fun `a report that cannot be kept ends the probe, and the model is unloaded`() {
        val world = script {}
        assertThrows(IOException::class.java) { probe(world) { throw IOException("full") } }
        assertNull(world.loaded)
    }

    @Test
    fun `a missing library is a processor that fails`() {
        val world = object : ProbeModel by script({}) {
            override fun load(accelerator: Accelerator): Unit = throw UnsatisfiedLinkError("no library")
        }
        val report = ProbeRunner(world, script {}).run(ProbeReport(subject, plan, 0))
        assertEquals(Accelerator.NPU.chain, report.placement.failures.map { it.accelerator })
    }

    @Test
    fun `a debug build is never valid`() {
        val report = ProbeReport(subject.copy(optimized = false), plan, 0)
        val world = script {}
        assertEquals(listOf(InvalidReason.NOT_OPTIMIZED), ProbeRunner(world, world).run(report).invalidReasons)
    }

    @Test
    fun `1,000 random scripts give no wrong verdict, no wrong sample, no forbidden run`() {
        val verdicts = (0 until 1000).map { seed ->
            val world = ProbeWorld(if (seed % 10 == 0) ProbeScript() else ProbeScript.random(Random(seed)), seed)
            val report = probe(world)
            assertEquals("script $seed", emptyList<String>(), world.mistakes)
            assertEquals("script $seed", emptyList<ProbeSample>(), wrongSamples(report, world))
            assertEquals("script $seed", expectedReasons(report, world), report.invalidReasons.toSet())
            assertNull("script $seed", world.loaded)
            report.isValid
        }
        assertTrue(verdicts.count { it } >= 100)
        assertTrue(verdicts.count { !it } >= 300)
    }

    /** Samples that no run of the model explains, or only one on another processor or before a warm-up was over. */
    private fun wrongSamples(report: ProbeReport, world: ProbeWorld): List<ProbeSample> =
        report.samples.filter { sample ->
            val index = world.runs.indexOfFirst {
                it.start == sample.start && it.duration == sample.duration && it.conditions == sample.conditions
            }
            val chill = world.chills.filter { it <= index }.maxOrNull() ?: 0
            index < 0 || world.runs[index].accelerator != lastProcessor(world, report) || index - chill < plan.warmUp
        }

    /** Where the runs of the final series ran: a series never spans two processors. */
    private fun lastProcessor(world: ProbeWorld, report: ProbeReport): Accelerator? {
        val last = report.samples.last()
        return world.runs.firstOrNull { it.start == last.start }?.accelerator
    }

    /** The verdict's reasons, derived from the world's own record. */
    private fun expectedReasons(report: ProbeReport, world: ProbeWorld): Set<InvalidReason> {
        val reasons = HashSet<InvalidReason>()
        val finished = report.phase == ProbeReport.Phase.MEASURED
        val warnings = world.delivered.count { it == ProbeEvent.Kind.MEMORY_WARNING }
        val nowhere = report.placement.candidate == null
        if (!finished) {
            reasons += InvalidReason.UNFINISHED
            assertTrue("nothing explains an unfinished probe", world.cancelled || warnings > 1 || nowhere)
        }
        if (world.cancelled) reasons += InvalidReason.CANCELLED
        if (report.runs < plan.minimumRuns) reasons += InvalidReason.TOO_FEW_RUNS
        val used = if (nowhere) null else report.placement.used
        if (used != plan.accelerator) reasons += InvalidReason.OTHER_PROCESSORS
        if (finished) assertEquals(world.runs.last().accelerator, used)
        if (ProbeEvent.Kind.BACKGROUND in world.delivered) reasons += InvalidReason.INTERRUPTED
        if (warnings > 0) reasons += InvalidReason.LOW_MEMORY
        if (report.samples.any { it.conditions.thermal >= Thermal.SERIOUS }) reasons += InvalidReason.THROTTLED
        if (report.samples.any { it.conditions.lowPower }) reasons += InvalidReason.LOW_POWER
        return reasons
    }
}
