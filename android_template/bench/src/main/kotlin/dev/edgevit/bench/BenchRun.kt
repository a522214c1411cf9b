package dev.edgevit.bench

import android.content.Context
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.probe.ProbeReport
import dev.edgevit.sdk.AndroidDevice
import dev.edgevit.sdk.Configuration
import dev.edgevit.sdk.EdgeVit
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** One run of the benchmark: measure, then self-test; the report is kept after every phase. */
internal class BenchRun(private val context: Context, private val keep: (ProbeReport) -> Unit) {
    suspend fun run(plan: ProbePlan): ProbeReport {
        // The probe is the first to load and to run the model, so that these figures are those of a fresh process.
        val configuration = Configuration(accelerator = plan.accelerator, loadsAtOnce = false)
        return EdgeVit.create(context, configuration).use { model ->
            val measured = AndroidDevice(context).use { device -> model.probe(plan, device, keep) }
            val report = measured.copy(selfTest = model.selfTest())
            withContext(Dispatchers.IO) { keep(report) }
            report
        }
    }
}
