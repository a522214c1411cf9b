package dev.edgevit.core

/**
 * A model that runs on one processor.
 *
 * Implementations are used by one thread at a time.
 */
public interface Engine : AutoCloseable {
    /**
     * Runs the model once and reads its answers back.
     *
     * @param images Of the model's input size: one, or as many as the model takes at once.
     * @return For each image, the outputs in the model's order.
     */
    public fun run(images: List<RgbImage>): List<List<OutputArray>>
}

/**
 * Owns the model: loads it when needed, for the first processor that works, and goes on to the next one when it fails.
 *
 * ```
 *                +-------- next processor <--------+
 *                v                                 |
 * unloaded --> loading --> ready --> running --> failed
 *     ^          |           ^ |         |
 *     |        failed        | |         v
 *     |          |           +-|------ ready
 *     +----------+-- unload() -+
 * ```
 *
 * Not for several threads: whoever owns it calls it from one.
 *
 * @param asked What to try first.
 * @param fallback Whether other processors may be tried.
 * @param open Loads the model for one processor, or throws what the runtime throws.
 */
public class Session(
    private val asked: Accelerator,
    private val fallback: Boolean,
    private val open: (Accelerator) -> Engine,
) : AutoCloseable {
    private var engine: Engine? = null

    /** What was asked for, what is used, and why they differ if they do; may be read by any thread. */
    @Volatile
    public var placement: Placement = Placement(asked, fallback)
        private set

    /** Whether the model is in memory. */
    public val isLoaded: Boolean get() = engine != null

    /**
     * Loads the model where it is not loaded.
     *
     * @throws EdgeVitException.ModelUnavailable when it loads for none of the allowed processors.
     */
    public fun load() {
        ready()
    }

    /** Frees the model's memory; the next run loads it again. */
    public fun unload() {
        val old = engine
        engine = null
        old?.close()
    }

    /** Forgets which processors failed, and loads the model for what was asked. */
    public fun reload() {
        unload()
        placement = Placement(asked, fallback)
        load()
    }

    /**
     * Runs the model, on the next processor where one fails.
     *
     * @throws EdgeVitException.PredictionFailed when the last allowed processor fails.
     * @throws EdgeVitException.ModelUnavailable when the model loads for none.
     */
    public fun run(images: List<RgbImage>): List<List<OutputArray>> {
        while (true) {
            val ready = ready()
            try {
                return ready.run(images)
            } catch (error: RuntimeException) {
                unload()
                placement = placement.failed(error.reason)
                if (placement.candidate == null) throw EdgeVitException.PredictionFailed(error.reason, error)
            }
        }
    }

    override fun close(): Unit = unload()

    private fun ready(): Engine {
        engine?.let { return it }
        if (placement.candidate == null) placement = Placement(asked, fallback)
        while (true) {
            val candidate = placement.candidate ?: throw EdgeVitException.ModelUnavailable(lastReason())
            attempt(candidate)?.let { return it }
        }
    }

    private fun attempt(candidate: Accelerator): Engine? = try {
        open(candidate).also {
            engine = it
            placement = placement.succeeded()
        }
    } catch (error: RuntimeException) {
        failed(error)
    } catch (error: LinkageError) {
        failed(error) // the app has no runtime library for this device
    }

    private fun failed(error: Throwable): Engine? {
        placement = placement.failed(error.reason)
        return null
    }

    private fun lastReason(): String = placement.failures.lastOrNull()?.reason ?: "no processor is allowed"

    private val Throwable.reason: String get() = message ?: javaClass.simpleName
}
