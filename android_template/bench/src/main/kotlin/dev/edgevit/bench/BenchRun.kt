package dev.edgevit.bench

import android.content.Context
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.probe.ProbeReport
import dev.edgevit.sdk.AndroidDevice
import dev.edgevit.sdk.Configuration
import dev.edgevit.sdk.EdgeVit

/** One run of the benchmark: load, self-test, measure; the report is kept after every phase. */
internal class BenchRun(private val context: Context, private val keep: (ProbeReport) -> Unit) {
    suspend fun run(plan: ProbePlan): ProbeReport =
        EdgeVit.create(context, Configuration(accelerator = plan.accelerator)).use { model ->
            val results = model.selfTest()
            AndroidDevice(context).use { device ->
                val report = model.probe(plan, device) { keep(it.copy(selfTest = results)) }
                report.copy(selfTest = results).also(keep)
            }
        }
}
