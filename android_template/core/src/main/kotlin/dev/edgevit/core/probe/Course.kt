package dev.edgevit.core.probe

import java.util.concurrent.CancellationException

/** One run of a plan in progress. */
internal class Course(private val model: ProbeModel, private val device: ProbeDevice, empty: ProbeReport) {
    private class NoProcessorLeft : RuntimeException()

    private class OutOfMemory : RuntimeException()

    private val origin = device.now()

    // Kept apart, because copying thousands of samples for each new one would disturb what is measured.
    private var series = SampleSeries()
    private var state = empty

    /** Whether the loaded model's processor was seen to compute what it should. */
    private var isChecked = false

    /** What was measured so far. */
    val report: ProbeReport
        get() = state.copy(samples = series.samples, runs = series.runs, sampleStride = series.stride)

    fun finish(phase: ProbeReport.Phase) {
        state = state.copy(phase = phase)
    }

    /** Loads the model for the first processor that works. */
    fun load() {
        while (true) {
            val accelerator = state.placement.candidate ?: throw NoProcessorLeft()
            val nanoseconds = attempt { model.load(accelerator) } ?: continue
            state = state.copy(load = nanoseconds, placement = state.placement.succeeded())
            isChecked = false
            return
        }
    }

    fun firstRun() {
        val nanoseconds = runOnce()
        state = state.copy(first = nanoseconds)
    }

    fun prepareImages() {
        repeat(state.plan.preparations) {
            device.checkCancelled()
            state = state.copy(preparations = state.preparations + timed(model::prepare))
        }
    }

    /** Warms up; from the start again where another processor takes over. */
    fun warmUp() {
        var warm = 0
        while (warm < state.plan.warmUp) {
            val used = state.placement.used
            runOnce()
            warm = if (state.placement.used == used) warm + 1 else 0
        }
    }

    fun measure() {
        // Only runs count as measuring: a wait in the background must not use up the time.
        var measured = 0L
        while (series.runs < state.plan.minimumRuns || measured < state.plan.minimumDuration) {
            val used = state.placement.used
            val sample = if (handleEvents()) null else sample()
            if (state.placement.used != used) {
                // What was measured before does not belong to the same series.
                state = state.copy(discarded = state.discarded + series.runs)
                series = SampleSeries()
                warmUp()
                measured = 0
            } else if (sample != null) {
                series.add(sample)
                measured += sample.duration
            }
        }
    }

    private fun sample(): ProbeSample {
        val start = elapsed()
        val duration = runOnce()
        return ProbeSample(start, duration, device.conditions())
    }

    /** Notes what ended the run. */
    fun note(error: RuntimeException) {
        when (error) {
            is CancellationException -> add(ProbeEvent.Kind.CANCELLED)
            is NoProcessorLeft, is OutOfMemory -> Unit
            else -> add(ProbeEvent.Kind.FAILED, reason(error))
        }
    }

    /** Returns true when something happened that the model had to be made ready again for. */
    private fun handleEvents(): Boolean {
        val kinds = device.events()
        kinds.forEach { add(it) }
        if (ProbeEvent.Kind.MEMORY_WARNING in kinds) reloadOnce()
        if (ProbeEvent.Kind.BACKGROUND in kinds) device.awaitForeground()
        if (kinds.isNotEmpty()) warmUp()
        return kinds.isNotEmpty()
    }

    /** Gives the memory back and tries again; the second warning ends the probe. */
    private fun reloadOnce() {
        model.unload()
        if (state.events.count { it.kind == ProbeEvent.Kind.MEMORY_WARNING } > 1) throw OutOfMemory()
        load()
    }

    /** Runs the model once, on the next processor where it fails; returns the nanoseconds of the run that worked. */
    private fun runOnce(): Long {
        while (true) {
            val nanoseconds = attempt(model::run)
            if (nanoseconds != null && isRight()) return nanoseconds
            load()
        }
    }

    /** Checks the processor after its first run, so that loading and that run are timed as an app meets them. */
    private fun isRight(): Boolean {
        isChecked = isChecked || attempt(model::check) != null
        return isChecked
    }

    /** Nanoseconds of [body], or null where it failed, which is noted. */
    private fun attempt(body: () -> Unit): Long? {
        device.checkCancelled()
        return try {
            timed(body)
        } catch (error: CancellationException) {
            throw error
        } catch (error: RuntimeException) {
            fail(error)
        } catch (error: LinkageError) {
            fail(error) // the app has no runtime library for this processor
        }
    }

    private fun fail(error: Throwable): Long? {
        state = state.copy(placement = state.placement.failed(reason(error)))
        add(ProbeEvent.Kind.FAILED, reason(error))
        return null
    }

    private fun add(kind: ProbeEvent.Kind, detail: String = "") {
        state = state.copy(events = state.events + ProbeEvent(elapsed(), kind, detail))
    }

    private fun reason(error: Throwable): String = error.message ?: error.javaClass.simpleName

    private fun elapsed(): Long = device.now() - origin

    private inline fun timed(body: () -> Unit): Long {
        val start = device.now()
        body()
        return device.now() - start
    }
}
