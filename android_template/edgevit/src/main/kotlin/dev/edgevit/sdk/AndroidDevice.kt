package dev.edgevit.sdk

import android.app.Activity
import android.app.ActivityManager
import android.app.Application
import android.content.ComponentCallbacks2
import android.content.Context
import android.content.pm.ApplicationInfo
import android.content.res.Configuration
import android.os.BatteryManager
import android.os.Build
import android.os.Bundle
import android.os.Debug
import android.os.PowerManager
import dev.edgevit.core.probe.Conditions
import dev.edgevit.core.probe.ProbeDevice
import dev.edgevit.core.probe.ProbeEvent
import dev.edgevit.core.probe.Thermal
import java.util.concurrent.CancellationException
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlinx.coroutines.Job

/**
 * This device and this app's place on it, for a probe: heat, battery, memory, foreground.
 *
 * Make one before the probe, and close it afterwards.
 */
public class AndroidDevice(context: Context) : AutoCloseable {
    private val application = context.applicationContext as Application
    private val power = application.getSystemService(Context.POWER_SERVICE) as PowerManager
    private val battery = application.getSystemService(Context.BATTERY_SERVICE) as BatteryManager
    private val memory = application.getSystemService(Context.ACTIVITY_SERVICE) as ActivityManager
    private val lock = ReentrantLock()
    private val changed = lock.newCondition()
    private var isForeground = isProcessInForeground()
    private val pending = if (isForeground) ArrayList() else arrayListOf(ProbeEvent.Kind.BACKGROUND)
    private var ownMemory: Long? = null
    private var ownMemoryReadAt = 0L
    private val callbacks = Callbacks()

    init {
        application.registerActivityLifecycleCallbacks(callbacks)
        application.registerComponentCallbacks(callbacks)
    }

    /** Maker and name. */
    internal val name: String get() = "${Build.MANUFACTURER} ${Build.MODEL}"

    /** Name and version of the system. */
    internal val system: String get() = "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT})"

    /** Whether the app was built for release; debug builds are slower. */
    internal val isReleaseBuild: Boolean
        get() = application.applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE == 0

    override fun close() {
        application.unregisterActivityLifecycleCallbacks(callbacks)
        application.unregisterComponentCallbacks(callbacks)
    }

    /** This device as a probe sees it that ends when [caller] is cancelled. */
    internal fun watchedBy(caller: Job): ProbeDevice = Watched(caller)

    private fun isProcessInForeground(): Boolean {
        val process = ActivityManager.RunningAppProcessInfo().also(ActivityManager::getMyMemoryState)
        return process.importance <= ActivityManager.RunningAppProcessInfo.IMPORTANCE_FOREGROUND
    }

    private fun happened(kind: ProbeEvent.Kind?, foreground: Boolean = isForeground): Unit = lock.withLock {
        kind?.let(pending::add)
        isForeground = foreground
        changed.signalAll()
    }

    private inner class Watched(private val caller: Job) : ProbeDevice {
        private var readAt = 0L
        private var last: Conditions? = null

        override fun now(): Long = System.nanoTime()

        // Heat, charge and memory change slowly, and asking takes the system's time away from the model.
        override fun conditions(): Conditions {
            val now = now()
            last?.takeIf { now - readAt < REFRESH_NANOSECONDS }?.let { return it }
            readAt = now
            return read().also { last = it }
        }

        override fun events(): List<ProbeEvent.Kind> = lock.withLock { pending.toList().also { pending.clear() } }

        override fun awaitForeground(): Unit = lock.withLock {
            while (!isForeground) {
                checkCancelled()
                changed.await(PATIENCE_MILLISECONDS, TimeUnit.MILLISECONDS) // a cancellation does not wake it up
            }
        }

        override fun checkCancelled() {
            if (!caller.isActive) throw CancellationException("the probe was cancelled")
        }
    }

    private fun read(): Conditions {
        val free = ActivityManager.MemoryInfo().also(memory::getMemoryInfo).availMem
        val charge = battery.getIntProperty(BatteryManager.BATTERY_PROPERTY_CAPACITY)
        val isSaving = power.isPowerSaveMode
        return Conditions(thermal(), isSaving, charge.takeIf { it in 0..100 }, free, headroom(), ownMemory())
    }

    /** The app's share of memory; adding it up takes the system milliseconds, so it is done rarely. */
    private fun ownMemory(): Long? {
        val now = System.nanoTime()
        if (ownMemory == null || now - ownMemoryReadAt > OWN_MEMORY_REFRESH_NANOSECONDS) {
            ownMemoryReadAt = now
            ownMemory = Debug.getPss() * BYTES_OF_KILOBYTE
        }
        return ownMemory
    }

    private fun thermal(): Thermal {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q) return Thermal.NOMINAL
        return Thermal.ofStatus(power.currentThermalStatus)
    }

    private fun headroom(): Int? {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) return null
        val share = power.getThermalHeadroom(FORECAST_SECONDS)
        return if (share.isNaN() || share < 0) null else (100 * share).toInt()
    }

    private inner class Callbacks : Application.ActivityLifecycleCallbacks, ComponentCallbacks2 {
        private val visible = HashSet<Activity>()

        /** Whether an activity that was started before anybody listened may still be visible. */
        private var isOtherVisible = isForeground

        override fun onActivityStarted(activity: Activity) {
            visible += activity
            isOtherVisible = false
            happened(null, foreground = true)
        }

        override fun onActivityResumed(activity: Activity): Unit = happened(null, foreground = true)

        override fun onActivityStopped(activity: Activity) {
            if (!visible.remove(activity)) isOtherVisible = false
            val isGone = visible.isEmpty() && !isOtherVisible && !activity.isChangingConfigurations
            if (isGone) happened(ProbeEvent.Kind.BACKGROUND, foreground = false)
        }

        override fun onTrimMemory(level: Int) {
            @Suppress("DEPRECATION") // not sent from Android 14 on, and the only word of it before
            val isShort = level == ComponentCallbacks2.TRIM_MEMORY_RUNNING_LOW ||
                level == ComponentCallbacks2.TRIM_MEMORY_RUNNING_CRITICAL
            if (isShort) happened(ProbeEvent.Kind.MEMORY_WARNING)
        }

        @Deprecated("Android calls it before version 4 only", level = DeprecationLevel.WARNING)
        override fun onLowMemory(): Unit = happened(ProbeEvent.Kind.MEMORY_WARNING)

        override fun onActivityCreated(activity: Activity, state: Bundle?): Unit = Unit

        override fun onActivityPaused(activity: Activity): Unit = Unit

        override fun onActivitySaveInstanceState(activity: Activity, state: Bundle): Unit = Unit

        override fun onActivityDestroyed(activity: Activity): Unit = Unit

        override fun onConfigurationChanged(configuration: Configuration): Unit = Unit
    }

    private companion object {
        /** The system answers for headroom once a second, and not more often. */
        const val REFRESH_NANOSECONDS = 1_000_000_000L
        const val FORECAST_SECONDS = 10
        const val PATIENCE_MILLISECONDS = 100L
        const val OWN_MEMORY_REFRESH_NANOSECONDS = 10_000_000_000L
        const val BYTES_OF_KILOBYTE = 1024L
    }
}
