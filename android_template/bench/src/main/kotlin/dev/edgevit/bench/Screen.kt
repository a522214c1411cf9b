package dev.edgevit.bench

import android.app.Activity
import android.graphics.Color
import android.graphics.Typeface
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import dev.edgevit.core.probe.Histogram
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.probe.ProbeReport

/** The one screen: buttons, what goes on, the figures. */
internal class Screen(activity: Activity, onRun: (ProbePlan.Layout) -> Unit, onStop: () -> Unit, onShare: () -> Unit) {
    private val banner = TextView(activity).apply {
        setBackgroundColor(Color.rgb(0xB0, 0x20, 0x20))
        setTextColor(Color.WHITE)
        text = "UNTRAINED WEIGHTS: predictions mean nothing; speed and size are real."
        visibility = View.GONE
    }
    private val status = TextView(activity)
    private val figures = TextView(activity).apply { typeface = Typeface.MONOSPACE }
    private val histogram = HistogramView(activity)
    private val runs = ProbePlan.Layout.entries.map { layout -> button(activity, layout.word) { onRun(layout) } }
    private val stop = button(activity, "stop", onStop)
    private val share = button(activity, "share report", onShare)

    val view: View = ScrollView(activity).apply {
        fitsSystemWindows = true
        addView(
            LinearLayout(activity).apply {
                orientation = LinearLayout.VERTICAL
                (listOf(banner, status) + runs + listOf(stop, figures, histogram, share)).forEach { addView(it) }
            },
        )
    }

    fun idle(text: String) = state(text, isRunning = false)

    fun running(text: String) = state(text, isRunning = true)

    fun show(report: ProbeReport) {
        banner.visibility = if (report.subject.weightsAreTrained) View.GONE else View.VISIBLE
        figures.text = Summary.of(report)
        histogram.histogram = Histogram.of(report.samples.map { it.duration })
    }

    private fun state(text: String, isRunning: Boolean) {
        status.text = text
        runs.forEach { it.isEnabled = !isRunning }
        stop.isEnabled = isRunning
        share.isEnabled = !isRunning
    }

    private fun button(activity: Activity, label: String, onClick: () -> Unit): Button = Button(activity).apply {
        text = label
        setOnClickListener { onClick() }
    }
}
