package dev.edgevit.core.probe

import dev.edgevit.core.Accelerator
import java.util.concurrent.CancellationException
import kotlin.random.Random

/** What will happen to a probe, at which run of the model. */
internal class ProbeScript {
    val unloadable = HashSet<Accelerator>()
    val wrong = HashSet<Accelerator>()
    val failingRuns = HashSet<Int>()
    val thermal = HashMap<Int, Thermal>()
    val lowPower = HashMap<Int, Boolean>()
    val events = HashMap<Int, List<ProbeEvent.Kind>>()
    var cancelledRun: Int? = null

    companion object {
        fun random(random: Random) = ProbeScript().apply {
            Accelerator.entries.filterTo(unloadable) { random.once(12) }
            Accelerator.entries.filterTo(wrong) { random.once(15) }
            for (run in 0 until 120) {
                if (random.once(90)) failingRuns += run
                if (random.once(40)) thermal[run] = Thermal.entries.random(random)
                if (random.once(80)) lowPower[run] = random.nextBoolean()
                val happening = ArrayList<ProbeEvent.Kind>()
                if (random.once(80)) happening += ProbeEvent.Kind.BACKGROUND
                if (random.once(110)) happening += ProbeEvent.Kind.MEMORY_WARNING
                if (happening.isNotEmpty()) events[run] = happening
            }
            if (random.once(10)) cancelledRun = random.nextInt(60)
        }

        private fun Random.once(odds: Int) = nextInt(odds) == 0
    }
}

/** A device and a model that follow a script, keep their own record, and note what a probe must never do. */
internal class ProbeWorld(private val script: ProbeScript, seed: Int = 0) : ProbeModel, ProbeDevice {
    data class Run(val start: Long, val duration: Long, val accelerator: Accelerator, val conditions: Conditions)

    private val random = Random(seed)
    private var clock = random.nextLong(1_000_000)
    private val born = clock
    private var attempts = 0
    private var thermal = Thermal.NOMINAL
    private var lowPower = false
    private var pending = ArrayList<ProbeEvent.Kind>()
    private var inBackground = false

    var loaded: Accelerator? = null
        private set
    val runs = ArrayList<Run>()
    val delivered = ArrayList<ProbeEvent.Kind>()
    var cancelled = false
        private set
    val mistakes = ArrayList<String>()

    /** Counts of successful runs at which the model had to be warmed up again. */
    val chills = arrayListOf(0)

    override fun now(): Long = clock

    override fun conditions() = Conditions(thermal, lowPower, 80, null)

    override fun events(): List<ProbeEvent.Kind> {
        val result = pending
        pending = ArrayList()
        delivered += result
        if (result.isNotEmpty()) chills += runs.size
        if (ProbeEvent.Kind.BACKGROUND in result) inBackground = true
        return result
    }

    override fun awaitForeground() {
        clock += 1_000_000_000
        inBackground = false
    }

    override fun checkCancelled() {
        if (cancelled) throw CancellationException()
    }

    override fun load(accelerator: Accelerator) {
        clock += 50_000_000
        check(accelerator !in script.unloadable) { "no ${accelerator.word}" }
        loaded = accelerator
    }

    override fun check() {
        clock += 70_000_000
        if (loaded !in script.wrong) return
        chills += runs.size
        error("a wrong answer")
    }

    override fun unload() {
        loaded = null
    }

    override fun prepare() {
        clock += 2_000_000
    }

    override fun run() {
        val accelerator = loaded ?: return mistakes.plusAssign("a run without a model")
        if (inBackground) mistakes += "a run in the background"
        val attempt = attempts++
        if (attempt == script.cancelledRun) {
            cancelled = true
            throw CancellationException()
        }
        thermal = script.thermal[attempt] ?: thermal
        lowPower = script.lowPower[attempt] ?: lowPower
        pending += script.events[attempt].orEmpty()
        val start = clock
        clock += random.nextLong(1_000_000, 3_000_000)
        if (attempt in script.failingRuns) {
            loaded = null
            chills += runs.size
            throw IllegalStateException("run $attempt failed")
        }
        runs += Run(start - born, clock - start, accelerator, conditions())
    }
}
