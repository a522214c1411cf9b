package dev.edgevit.core.probe

import dev.edgevit.core.Accelerator

/** The model as a probe sees it; blocking calls of one thread. */
public interface ProbeModel {
    /** Loads the model for this processor alone; a loaded one is replaced. */
    public fun load(accelerator: Accelerator)

    /** Makes one image ready, without running the model. */
    public fun prepare()

    /** Runs the model once on a prepared image, and reads its answer back. */
    public fun run()

    /** Throws where the processor that the model is loaded for computes something else than it should. */
    public fun check()

    public fun unload()
}

/** The device as a probe sees it. */
public interface ProbeDevice {
    /** Nanoseconds of a clock that never goes back. */
    public fun now(): Long

    public fun conditions(): Conditions

    /** What happened since the last call: `BACKGROUND` or `MEMORY_WARNING`. */
    public fun events(): List<ProbeEvent.Kind>

    /**
     * Returns when the app is in the foreground.
     *
     * @throws java.util.concurrent.CancellationException when the probe is cancelled meanwhile.
     */
    public fun awaitForeground()

    /** @throws java.util.concurrent.CancellationException when the probe is cancelled. */
    public fun checkCancelled()
}

/**
 * Runs a plan, whatever the device does meanwhile, and reports what was measured.
 *
 * It throws nothing but what `onPhase` throws: what went wrong is in the report. A partial report is handed out after
 * every phase, so that the end of the process loses one phase at most.
 *
 * ```
 * load --> first run, check --> preparations --> warm-up --> measure --> done
 *  ^ |                                             ^  |         |
 *  | +- failed: next processor                     |  +---------+-- background: wait, then warm up again
 *  +--- run failed, memory warning ----------------+
 * ```
 */
public class ProbeRunner(private val model: ProbeModel, private val device: ProbeDevice) {
    /**
     * @param report An empty report of the plan.
     * @param onPhase Receives the report after every phase, and when the probe ends early.
     */
    public fun run(report: ProbeReport, onPhase: (ProbeReport) -> Unit = {}): ProbeReport {
        val course = Course(model, device, report)
        try {
            run(course, onPhase)
        } finally {
            model.unload()
        }
        return course.report
    }

    private fun run(course: Course, onPhase: (ProbeReport) -> Unit) {
        for ((phase, step) in STEPS) {
            try {
                course.step()
            } catch (error: RuntimeException) {
                course.note(error)
                onPhase(course.report)
                break
            }
            course.finish(phase)
            onPhase(course.report)
        }
    }

    private companion object {
        val STEPS = listOf<Pair<ProbeReport.Phase, Course.() -> Unit>>(
            ProbeReport.Phase.LOADED to Course::load,
            ProbeReport.Phase.FIRST to Course::firstRun,
            ProbeReport.Phase.PREPARED to Course::prepareImages,
            ProbeReport.Phase.WARM to Course::warmUp,
            ProbeReport.Phase.MEASURED to Course::measure,
        )
    }
}
