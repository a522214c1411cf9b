package dev.edgevit.sdk

import dev.edgevit.core.EdgeVitException
import java.util.concurrent.CancellationException
import java.util.concurrent.Executors
import java.util.concurrent.RejectedExecutionException
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.withContext

/** The one thread that touches the model, since LiteRT's models are not for several. */
internal class InferenceThread {
    private val executor = Executors.newSingleThreadExecutor { Thread(it, "edgevit") }
    private val dispatcher = executor.asCoroutineDispatcher()

    /**
     * Runs [block] there; a call that is cancelled while it waits does not run.
     *
     * @throws EdgeVitException.Closed after [close].
     */
    suspend fun <T> run(block: () -> T): T = try {
        withContext(dispatcher) { block() }
    } catch (error: CancellationException) {
        throw if (error.cause is RejectedExecutionException) EdgeVitException.Closed() else error
    }

    /** Runs [block] there some time, if the thread is not closed by then. */
    fun post(block: () -> Unit) {
        try {
            executor.execute(block)
        } catch (_: RejectedExecutionException) {
            return // closed: there is nothing left to do it to
        }
    }

    /** Runs [last] after everything that waits, and ends the thread; returns at once. */
    fun close(last: () -> Unit) {
        post(last)
        executor.shutdown()
    }
}
