package dev.edgevit.host

import android.app.ActivityManager
import android.app.Application
import android.content.Context
import android.os.Build
import android.os.PowerManager
import android.util.Log
import com.google.ai.edge.litert.HostGpu
import com.google.ai.edge.litert.JniHandle
import dev.edgevit.core.Json
import java.io.File
import java.nio.file.Files
import org.junit.Assert.assertEquals
import org.junit.rules.ExternalResource

/** A fresh device before each test; afterwards nothing of LiteRT or Android may still be held. */
internal class World : ExternalResource() {
    val context: Context = Application.THE_ONE

    override fun before() {
        Context.assets = File(System.getProperty("edgevit.assets"))
        Context.files = Files.createTempDirectory("edgevit").toFile()
        HostGpu.exists = false
        HostGpu.isWrong = false
        HostGpu.compiles = true
        Build.VERSION.SDK_INT = 36
        PowerManager.status = 0
        PowerManager.saves = false
        ActivityManager.importance = 100
        Log.LINES.clear()
    }

    override fun after() {
        awaitZero("models") { Runtime.open }
        awaitZero("LiteRT handles") { JniHandle.open }
        awaitZero("callbacks") { Application.THE_ONE.callbacks.size + Application.THE_ONE.lifecycles.size }
        Context.files.deleteRecursively()
    }

    /** Uses a copy of the assets that [edit] has changed. */
    fun withAssets(edit: (File) -> Unit) {
        val copy = File(Context.files, "assets")
        Context.assets.copyRecursively(copy)
        edit(File(copy, "edgevit"))
        Context.assets = copy
    }

    /** What Python computed with the same file: photograph -> output -> values. */
    val expected: Map<String, Map<String, List<Double>>> by lazy {
        table(Json.parse(File(System.getProperty("edgevit.expected")).readText())).mapValues { (_, outputs) ->
            table(outputs).mapValues { (_, values) -> (values as Json.Items).values.map { (it as Json.Number).text.toDouble() } }
        }
    }

    private fun table(value: Json) = (value as Json.Table).members

    private fun awaitZero(what: String, count: () -> Int) {
        val end = System.nanoTime() + 5_000_000_000
        while (count() != 0 && System.nanoTime() < end) Thread.sleep(5) // close() returns before its work is done
        assertEquals("$what that are still open", 0, count())
    }
}
