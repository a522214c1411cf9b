package dev.edgevit.host

import android.content.ContentResolver
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.PowerManager
import android.util.Log
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import dev.edgevit.bench.BenchActivity
import dev.edgevit.core.Json
import java.io.File
import java.util.concurrent.TimeUnit
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test

/** The unchanged app: activity, model, self-test, report. */
class BenchTest {
    @get:Rule
    internal val world = World()

    private val activity = BenchActivity()

    /** Waits for the line of the log that says how it ended. */
    private fun ending(): String {
        while (true) {
            val line = requireNotNull(Log.LINES.poll(120, TimeUnit.SECONDS)) { "the log says nothing" }
            if ("finished" in line || "failed" in line) return line
        }
    }

    private fun launched(vararg extras: Pair<String, Any>): String {
        activity.intent.extras.putAll(extras)
        activity.create()
        return ending().also { activity.destroy() }
    }

    private fun report(): Map<String, Json> = (Json.parse(File(Context.files, "report.json").readText()) as Json.Table).members

    private fun views(view: View): List<View> =
        listOf(view) + ((view as? ViewGroup)?.children?.flatMap { views(it) } ?: emptyList())

    @Test
    fun `an unattended run ends with a valid report`() {
        val line = launched("autorun" to true, "protocol" to "modelbench")
        assertTrue(line, line.startsWith("EdgeVitBench: finished valid=true"))
        assertTrue(line, Regex("self_test=([0-9]+)/\\1 ").containsMatchIn(line))
        assertEquals(Json.Text("measured"), report()["phase"])
        assertEquals(1000, (report()["samples"] as Json.Items).values.size)
        File(Context.files, "report.json").copyTo(File(System.getProperty("edgevit.report")), overwrite = true)
    }

    @Test
    fun `power saving is seen`() {
        PowerManager.saves = true
        val line = launched("autorun" to true, "protocol" to "modelbench")
        assertTrue(line, "valid=false" in line)
    }

    @Test
    fun `Test Lab gets its own copy, and the app goes away`() {
        activity.intent.action = "com.google.intent.action.TEST_LOOP"
        activity.intent.data = Uri.parse("content://lab/result")
        val line = launched("scenario" to 3)
        assertTrue(line, "finished valid=true" in line)
        val copy = ContentResolver.WRITTEN.getValue(Uri.parse("content://lab/result")).toByteArray()
        assertTrue(copy.contentEquals(File(Context.files, "report.json").readBytes()))
        awaitTheAppsEnd()
    }

    @Test
    fun `a Test Lab run that fails makes the app go away too`() {
        world.withAssets { File(it, "edgevit.json").delete() }
        activity.intent.action = "com.google.intent.action.TEST_LOOP"
        assertTrue("failed" in launched("scenario" to 1))
        awaitTheAppsEnd()
    }

    private fun awaitTheAppsEnd() {
        val end = System.nanoTime() + 5_000_000_000
        while (!activity.finished && System.nanoTime() < end) Thread.sleep(5)
        assertTrue(activity.finished)
    }

    @Test
    fun `a wrong request does not disturb a run`() {
        activity.intent.extras.putAll(listOf("autorun" to true, "protocol" to "modelbench"))
        activity.create()
        activity.deliver(Intent().apply { extras.putAll(listOf("autorun" to true, "protocol" to "x")) })
        assertTrue("finished valid=true" in ending())
        activity.destroy()
    }

    @Test
    fun `an activity that is made anew does not run again`() {
        activity.intent.extras.putAll(listOf("autorun" to true, "protocol" to "x"))
        activity.restore()
        assertEquals(null, Log.LINES.poll(200, TimeUnit.MILLISECONDS))
        activity.destroy()
    }

    @Test
    fun `unknown extras are told, not guessed`() {
        assertTrue("no protocol x" in launched("autorun" to true, "protocol" to "x"))
        assertTrue("no accelerator x" in launched("autorun" to true, "accelerator" to "x"))
    }

    @Test
    fun `a damaged package is told`() {
        world.withAssets { File(it, "edgevit.json").delete() }
        assertEquals("EdgeVitBench: failed The model package has no edgevit.json.", launched("autorun" to true))
    }

    @Test
    fun `buttons run, stop and share`() {
        activity.create()
        val buttons = views(requireNotNull(activity.content)).filterIsInstance<Button>().associateBy { it.text.toString() }
        assertEquals(setOf("standard", "sustained", "modelbench", "stop", "share report"), buttons.keys)
        assertFalse(buttons.getValue("stop").isEnabled)
        buttons.getValue("modelbench").performClick()
        assertTrue("finished" in ending())
        buttons.getValue("sustained").performClick()
        assertTrue(buttons.getValue("stop").performClick())
        assertTrue(ending().let { "finished valid=false" in it || "failed" in it })
        val texts = views(requireNotNull(activity.content)).filterIsInstance<TextView>().map { it.text.toString() }
        assertTrue(texts.any { "p99" in it && "self-test" in it })
        assertTrue(buttons.getValue("share report").performClick())
        assertEquals("android.intent.action.SEND", Intent.started.last().action)
        activity.destroy()
    }
}
