package dev.edgevit.bench

import dev.edgevit.core.probe.ProbeReport
import dev.edgevit.core.probe.invalidReasons
import java.util.Locale

/** A report's figures for people. */
internal object Summary {
    private const val MILLISECOND = 1e6

    fun of(report: ProbeReport): String = buildString {
        line("load", report.load)
        line("first run", report.first)
        val figures = report.statistics
        line("p50", figures?.p50)
        line("p90", figures?.p90)
        line("p99", figures?.p99)
        line("mean", figures?.mean)
        line("modelbench", report.modelbench)
        appendLine("runs        ${figures?.count ?: 0}")
        report.subject.batch?.let { appendLine("batch       $it images in each run") }
        appendLine("processor   ${report.placement.used?.word ?: "none"}, asked ${report.placement.asked.word}")
        for (failure in report.placement.failures) {
            appendLine("            not ${failure.accelerator.word}: ${failure.reason}")
        }
        appendLine("self-test   ${selfTest(report)} photographs")
        val reasons = report.invalidReasons
        append(if (reasons.isEmpty()) "valid" else "not valid: ${reasons.joinToString { it.word }}")
    }

    /** One line for the log, which a waiting computer reads. */
    fun marker(report: ProbeReport, path: String): String {
        val valid = report.invalidReasons.isEmpty()
        return "finished valid=$valid self_test=${selfTest(report)} report=$path"
    }

    /** Passed ones and all. */
    private fun selfTest(report: ProbeReport): String {
        val results = report.selfTest.orEmpty()
        return "${results.count { it.passed }}/${results.size}"
    }

    private fun StringBuilder.line(name: String, nanoseconds: Long?) {
        if (nanoseconds == null) return
        appendLine("${name.padEnd(12)}${String.format(Locale.ROOT, "%.2f ms", nanoseconds / MILLISECOND)}")
    }
}
