package dev.edgevit.bench

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.util.Log
import android.view.WindowManager
import dev.edgevit.core.Accelerator
import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.probe.ProbeReport
import java.io.IOException
import java.util.concurrent.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * Measures the model of this project: by button, or at once when started with extras (see the README).
 *
 * The log says when it is done: `EdgeVitBench: finished valid=... self_test=... report=...`, or `failed ...`.
 */
public class BenchActivity : Activity() {
    private val scope = CoroutineScope(SupervisorJob() + MainDispatcher)
    private val file by lazy { ReportFile(this) }
    private val screen by lazy { Screen(this, ::start, ::stop, ::share) }
    private var run: Job? = null
    private var isMeasuring = false

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        setContentView(screen.view)
        screen.idle("ready")
        // Android makes an activity anew with its old intent; what that asked for was begun already.
        if (state == null) handle(intent)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        handle(intent)
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private fun handle(intent: Intent) {
        if (isMeasuring) return
        val request = try {
            Request.of(intent) ?: return
        } catch (error: IllegalArgumentException) {
            return failed(reason(error))
        }
        start(request)
    }

    private fun start(layout: ProbePlan.Layout) = start(Request(Request.plan(layout.word, Accelerator.CPU)))

    private fun start(request: Request) {
        if (isMeasuring) return
        isMeasuring = true
        Log.i(TAG, "started ${request.plan.layout.word} ${request.plan.accelerator.word}")
        screen.running("measuring; keep the app in front")
        // Undispatched, so that even what is stopped at once says how it ended.
        run = scope.launch(start = CoroutineStart.UNDISPATCHED) {
            try {
                val report = BenchRun(applicationContext, ::keep).run(request.plan)
                request.copyTo?.let { withContext(Dispatchers.IO) { file.copyTo(it) } }
                finished(report)
            } catch (error: CancellationException) {
                failed("stopped")
                throw error
            } catch (error: EdgeVitException) {
                failed(reason(error))
            } catch (error: IOException) {
                failed(reason(error))
            } finally {
                if (request.endsApp) finish()
            }
        }
    }

    private fun stop() {
        run?.cancel()
    }

    /** Called after every phase, never on the main thread. */
    private fun keep(report: ProbeReport) {
        file.write(report)
        Log.i(TAG, "phase ${report.phase.word}")
    }

    private fun finished(report: ProbeReport) {
        isMeasuring = false
        screen.show(report)
        screen.idle("done")
        Log.i(TAG, Summary.marker(report, file.path.path))
    }

    private fun failed(reason: String) {
        isMeasuring = false
        screen.idle(reason)
        Log.e(TAG, "failed $reason")
    }

    /** On one line, as the log's reader expects. */
    private fun reason(error: Exception): String = (error.message ?: error.javaClass.simpleName).replace('\n', ' ')

    private fun share() {
        if (!file.path.exists()) return screen.idle("there is no report yet")
        val send = Intent(Intent.ACTION_SEND).setType(ReportProvider.MIME_TYPE)
            .putExtra(Intent.EXTRA_STREAM, ReportProvider.URI)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        startActivity(Intent.createChooser(send, null))
    }

    private companion object {
        const val TAG = "EdgeVitBench"
    }
}
