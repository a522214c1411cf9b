package dev.edgevit.sdk

import android.content.ComponentCallbacks2
import android.content.Context
import android.content.res.Configuration

/** Calls back when the system runs short of memory, until it is closed. */
internal class MemoryPressure(context: Context, private val action: () -> Unit) : ComponentCallbacks2, AutoCloseable {
    private val application = context.applicationContext.apply { registerComponentCallbacks(this@MemoryPressure) }

    override fun onTrimMemory(level: Int) {
        val inBackground = level >= ComponentCallbacks2.TRIM_MEMORY_BACKGROUND
        @Suppress("DEPRECATION") // not sent from Android 14 on, and the only word of it before
        if (inBackground || level == ComponentCallbacks2.TRIM_MEMORY_RUNNING_CRITICAL) action()
    }

    @Deprecated("Android calls it before version 4 only", level = DeprecationLevel.WARNING)
    override fun onLowMemory(): Unit = action()

    override fun onConfigurationChanged(configuration: Configuration): Unit = Unit

    override fun close(): Unit = application.unregisterComponentCallbacks(this)
}
