package dev.edgevit.sdk

import android.os.Process
import dev.edgevit.core.Accelerator
import dev.edgevit.core.Engine
import dev.edgevit.core.Preprocessor
import dev.edgevit.core.RgbImage
import dev.edgevit.core.probe.ProbeModel
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.probe.ProbeReport
import dev.edgevit.core.probe.ProbeRunner
import dev.edgevit.core.probe.ProbeSubject
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.job
import kotlinx.coroutines.withContext

/** One measurement of the model on this device. */
internal class ProbeRun(
    private val model: ModelPackage,
    private val engines: Engines,
    private val device: AndroidDevice,
) {
    /** Runs the plan by [onModelThread], which keeps other users of the model waiting. */
    suspend fun measured(
        plan: ProbePlan,
        onPhase: (ProbeReport) -> Unit,
        onModelThread: suspend (() -> ProbeReport) -> ProbeReport,
    ): ProbeReport {
        val caller = currentCoroutineContext().job
        val name = model.golden.photos.first().name
        val photograph = withContext(Dispatchers.Default) { model.photograph(name).toRgbImage() }
        return onModelThread {
            val runner = ProbeRunner(Measured(photograph), device.watchedBy(caller))
            runner.run(ProbeReport(subject(), plan, nowInSeconds()), onPhase)
        }
    }

    private fun subject() = ProbeSubject(
        model = model.info.model.id,
        sha256 = model.info.artifact.sha256,
        device = device.name,
        system = device.system,
        optimized = device.isReleaseBuild,
        weightsAreTrained = model.info.weights.trained,
        threadPriority = Process.getThreadPriority(Process.myTid()),
        batch = model.batch.takeIf { it > 1 },
    )

    private fun nowInSeconds(): Long = System.currentTimeMillis() / 1000

    private inner class Measured(private val photograph: RgbImage) : ProbeModel {
        private val preprocessor = Preprocessor(model.info.input)
        private var pixels = preprocessor(photograph)
        private var engine: Engine? = null

        override fun load(accelerator: Accelerator) {
            unload()
            engine = engines.open(accelerator)
        }

        override fun prepare() {
            pixels = preprocessor(photograph)
        }

        override fun run() {
            loaded().run(listOf(pixels)) // it fills every place of a batch
        }

        override fun check(): Unit = engines.check(loaded())

        override fun unload() {
            val old = engine
            engine = null
            old?.close()
        }

        private fun loaded() = checkNotNull(engine) { "no model is loaded" }
    }
}
