package dev.edgevit.host

import android.app.Activity
import android.app.ActivityManager
import android.app.Application
import android.content.ComponentCallbacks2
import android.os.Build
import android.os.PowerManager
import com.google.ai.edge.litert.HostGpu
import dev.edgevit.core.Accelerator
import dev.edgevit.core.probe.InvalidReason
import dev.edgevit.core.probe.ProbeEvent
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.probe.ProbeReport
import dev.edgevit.core.probe.ProbeReport.Phase
import dev.edgevit.core.probe.invalidReasons
import dev.edgevit.sdk.AndroidDevice
import dev.edgevit.sdk.EdgeVit
import kotlin.concurrent.thread
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test

/** The unchanged probe with the real LiteRT, while things happen to the app. */
class ProbeTest {
    @get:Rule
    internal val world = World()

    private val activity = Activity()
    private val plan = ProbePlan.standard().copy(minimumRuns = 20, minimumDuration = 0)

    private fun probe(plan: ProbePlan = this.plan, during: (ProbeReport) -> Unit = {}): ProbeReport = runBlocking {
        EdgeVit.create(world.context).use { model ->
            AndroidDevice(world.context).use { device -> model.probe(plan, device, during) }
        }
    }

    private fun lifecycle(happen: (Application.ActivityLifecycleCallbacks) -> Unit) =
        Application.THE_ONE.lifecycles.toList().forEach(happen)

    @Test
    fun `an undisturbed probe is valid, and says what it ran on`() {
        val report = probe()
        assertEquals(emptyList<InvalidReason>(), report.invalidReasons)
        assertEquals("edgevit host", report.subject.device)
        assertEquals("Android 16 (API 36)", report.subject.system)
        assertEquals(0, report.subject.threadPriority)
        val conditions = report.samples.first().conditions
        val known = with(conditions) { listOf(battery, headroom, ownMemory, lowPower) }
        assertEquals(listOf<Any?>(80, 71, 123_456L * 1024, false), known)
    }

    @Test
    fun `a GPU that computes something else is not measured`() {
        HostGpu.exists = true
        HostGpu.isWrong = true
        val report = probe(plan.copy(accelerator = Accelerator.GPU))
        assertEquals(Accelerator.CPU, report.placement.used)
        assertTrue("PyTorch" in report.placement.failures.single().reason)
    }

    @Test
    fun `a probe that goes to the background waits for the foreground, and says so`() {
        val report = probe { report ->
            if (report.phase != Phase.WARM) return@probe
            lifecycle { it.onActivityStopped(activity) }
            thread {
                Thread.sleep(100)
                lifecycle { it.onActivityStarted(activity) }
            }
        }
        assertEquals(listOf(InvalidReason.INTERRUPTED), report.invalidReasons)
        assertTrue(report.samples.all { it.start - report.events.single().at > 50_000_000 })
    }

    @Test
    fun `turning the screen and changing the activity are not the background`() {
        val other = Activity()
        val turning = object : Activity() {
            override fun isChangingConfigurations(): Boolean = true
        }
        val report = probe { report ->
            if (report.phase != Phase.WARM) return@probe
            lifecycle { it.onActivityStarted(other) }
            lifecycle { it.onActivityStopped(activity) }
            lifecycle { it.onActivityStarted(turning) }
            lifecycle { it.onActivityStopped(other) }
            lifecycle { it.onActivityStopped(turning) }
        }
        assertEquals(emptyList<InvalidReason>(), report.invalidReasons)
    }

    @Test
    fun `a probe that begins in the background begins with waiting`() {
        ActivityManager.importance = 400
        val started = System.nanoTime()
        val report = probe { report ->
            if (report.phase == Phase.WARM) {
                thread {
                    Thread.sleep(100)
                    lifecycle { it.onActivityStarted(activity) }
                }
            }
        }
        assertEquals(listOf(InvalidReason.INTERRUPTED), report.invalidReasons)
        assertTrue(System.nanoTime() - started > 100_000_000)
    }

    @Test
    fun `a probe that is cancelled in the background ends, and the last report says so`() {
        val reports = ArrayList<ProbeReport>()
        runBlocking {
            EdgeVit.create(world.context).use { model ->
                AndroidDevice(world.context).use { device ->
                    val job = launch(Dispatchers.Default) {
                        model.probe(plan, device) { report ->
                            reports += report
                            if (report.phase == Phase.WARM) lifecycle { it.onActivityStopped(activity) }
                        }
                    }
                    while (reports.none { it.phase == Phase.WARM }) delay(5)
                    job.cancelAndJoin()
                }
            }
        }
        assertEquals(
            listOf(ProbeEvent.Kind.BACKGROUND, ProbeEvent.Kind.CANCELLED),
            reports.last().events.map { it.kind },
        )
    }

    @Test
    fun `heat and a shortage of memory are seen, and older systems tell less`() {
        PowerManager.status = 3
        val report = probe { report ->
            if (report.phase == Phase.WARM) {
                val callbacks = world.context.callbacks.filterIsInstance<ComponentCallbacks2>()
                callbacks.forEach { it.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_RUNNING_LOW) }
            }
        }
        assertEquals(listOf(InvalidReason.LOW_MEMORY, InvalidReason.THROTTLED), report.invalidReasons)
        Build.VERSION.SDK_INT = 23
        val old = probe()
        assertEquals(emptyList<InvalidReason>(), old.invalidReasons)
        assertNull(old.samples.first().conditions.headroom)
    }
}
