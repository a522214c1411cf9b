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
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

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
        handle(intent)
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
        try {
            Request.of(intent)?.let(::start)
        } catch (error: IllegalArgumentException) {
            failed(reason(error))
        }
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
                finished(BenchRun(applicationContext, ::keep).run(request.plan), request)
            } catch (error: CancellationException) {
                failed("stopped")
                throw error
            } catch (error: EdgeVitException) {
                failed(reason(error))
            } catch (error: IOException) {
                failed(reason(error))
            }
        }
    }

    private fun stop() {
        run?.cancel()
    }

    /** Called on the model's thread after every phase. */
    private fun keep(report: ProbeReport) {
        file.write(report)
        Log.i(TAG, "phase ${report.phase.word}")
    }

    private fun finished(report: ProbeReport, request: Request) {
        isMeasuring = false
        screen.show(report)
        screen.idle("done")
        if (request.copyTo != null) {
            file.copyTo(request.copyTo)
            finish()
        }
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
        val send = Intent(Intent.ACTION_SEND).setType(ReportProvider.MIME_TYPE)
            .putExtra(Intent.EXTRA_STREAM, ReportProvider.URI)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION)
        startActivity(Intent.createChooser(send, null))
    }

    private companion object {
        const val TAG = "EdgeVitBench"
    }
}
