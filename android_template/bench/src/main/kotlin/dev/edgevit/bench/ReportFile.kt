package dev.edgevit.bench

import android.content.Context
import android.net.Uri
import dev.edgevit.core.probe.ProbeReport
import java.io.File
import java.io.IOException

/** The report's file, where `adb pull` reaches it without rights. */
internal class ReportFile(private val context: Context) {
    val path: File = File(context.getExternalFilesDir(null) ?: context.filesDir, "report.json")

    /** Replaces the file at once, so that a reader never sees half of it. */
    fun write(report: ProbeReport) {
        val fresh = File(path.path + ".tmp")
        fresh.writeText(report.json())
        if (!fresh.renameTo(path)) throw IOException("$path cannot be replaced")
    }

    /**
     * Copies the file to where another app wants it.
     *
     * @throws IOException where that cannot be written.
     */
    fun copyTo(target: Uri) {
        val stream = try {
            context.contentResolver.openOutputStream(target)
        } catch (error: SecurityException) {
            throw IOException("$target may not be written", error)
        }
        if (stream == null) throw IOException("$target cannot be written")
        stream.use { to -> path.inputStream().use { it.copyTo(to) } }
    }
}
