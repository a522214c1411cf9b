package dev.edgevit.sdk

import android.content.Context
import android.graphics.Bitmap
import android.media.Image
import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.ModelInfo
import dev.edgevit.core.ModelInfo.Head
import dev.edgevit.core.Orientation
import dev.edgevit.core.OutputArray
import dev.edgevit.core.Placement
import dev.edgevit.core.Prediction
import dev.edgevit.core.Preprocessor
import dev.edgevit.core.Ranking
import dev.edgevit.core.RgbImage
import dev.edgevit.core.Session
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.probe.ProbeReport
import dev.edgevit.core.selftest.SelfTestResult
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext

/**
 * The image model of this library, ready to run.
 *
 * ```kotlin
 * EdgeVit.create(context).use { model ->
 *     val predictions = model.classify(bitmap)
 * }
 * ```
 *
 * All functions may be called from any thread. One thread owns the model and runs one prediction at a time; images are
 * made ready elsewhere, so that the next one is prepared while this one runs. A call that is cancelled while it waits
 * for its turn does not run. [Session] draws the states: a prediction on an unloaded model loads it, and when the model
 * does not load or run on a processor, the next one of [dev.edgevit.core.Accelerator.chain] is tried; [placement] tells
 * what was asked, what is used and why.
 *
 * Every function throws [EdgeVitException.Closed] after [close].
 *
 * @property configuration How the model is loaded.
 */
public class EdgeVit private constructor(
    context: Context,
    private val model: ModelPackage,
    public val configuration: Configuration,
) : AutoCloseable {
    /** What the model is, from `edgevit.json`. */
    public val info: ModelInfo get() = model.info

    /** Class names in the order of the model's output; empty for models that do not classify. */
    public val labels: List<String> get() = model.labels

    /** Which processor was asked for, which one is used, and why they differ if they do. */
    public val placement: Placement get() = session.placement

    /**
     * Whether the weights were trained. False means that every prediction is meaningless: the library was built with
     * random weights to try the tool chain or to measure speed.
     */
    public val weightsAreTrained: Boolean get() = info.weights.trained

    private val preprocessor = Preprocessor(model.info.input)
    private val engines = Engines(model, configuration)
    private val session = Session(configuration.accelerator, configuration.allowsFallback, engines::opened)
    private val thread = InferenceThread()
    private val isClosed = AtomicBoolean()
    private val memoryPressure =
        if (configuration.unloadsUnderMemoryPressure) MemoryPressure(context) { thread.post(session::unload) } else null

    /**
     * Returns the most probable classes of an image, best first.
     *
     * @param bitmap Of any size; it is resized and cropped as the network's evaluation does.
     * @param topK How many classes to return at most.
     * @param orientation How the stored pixels must be turned to be upright.
     */
    public suspend fun classify(
        bitmap: Bitmap,
        topK: Int = 5,
        orientation: Orientation = Orientation.UP,
    ): List<Prediction> {
        require(Head.PROBABILITIES, Head.LOGITS)
        return ranked(answer(prepared(orientation) { bitmap.toRgbImage() }), topK)
    }

    /**
     * Returns the most probable classes of each image, in order.
     *
     * A model that was built for several images at once gets as many as it takes; all others run one by one. While the
     * model runs, what it gets next is made ready.
     *
     * @param topK How many classes to return at most for each.
     */
    public suspend fun classify(bitmaps: List<Bitmap>, topK: Int = 5): List<List<Prediction>> = coroutineScope {
        require(Head.PROBABILITIES, Head.LOGITS)
        val batches = bitmaps.chunked(info.input.batch)
        fun ready(place: Int) = batches.getOrNull(place)?.let { batch ->
            async { batch.map { prepared(Orientation.UP, it::toRgbImage) } }
        }
        var next = ready(0)
        batches.indices.flatMap { place ->
            val images = checkNotNull(next).await()
            next = ready(place + 1)
            answers(images).map { ranked(it, topK) }
        }
    }

    /**
     * Returns the most probable classes of a camera frame, best first.
     *
     * @param frame In `YUV_420_888`; keep it open until this returns.
     * @param rotationDegrees Clockwise turn that makes it upright: 0, 90, 180 or 270.
     * @param topK How many classes to return at most.
     */
    public suspend fun classify(frame: Image, rotationDegrees: Int, topK: Int = 5): List<Prediction> {
        require(Head.PROBABILITIES, Head.LOGITS)
        return ranked(answer(prepared(Orientation.ofRotation(rotationDegrees)) { frame.toRgbImage() }), topK)
    }

    /** Returns the vector that the classifier would read, of a model built with `--head embedding`. */
    public suspend fun embedding(bitmap: Bitmap, orientation: Orientation = Orientation.UP): FloatArray {
        require(Head.EMBEDDING)
        return answer(prepared(orientation) { bitmap.toRgbImage() }).first().values
    }

    /** Returns the four stage maps, of a model built with `--head features`. */
    public suspend fun features(bitmap: Bitmap, orientation: Orientation = Orientation.UP): List<OutputArray> {
        require(Head.FEATURES)
        return answer(prepared(orientation) { bitmap.toRgbImage() })
    }

    /**
     * Runs the photographs that travel in the library, and compares pixels and answers with those of the build.
     *
     * @param prepare Makes the model's pixels of an image: pass your own to find out whether it is right, the usual
     *   mistakes are named. Null takes this library's own way.
     */
    public suspend fun selfTest(prepare: ((Bitmap) -> RgbImage)? = null): List<SelfTestResult> =
        model.golden.photos.map { golden ->
            val bitmap = withContext(Dispatchers.Default) { model.photograph(golden.name) }
            val photograph = withContext(Dispatchers.Default) { bitmap.toRgbImage() }
            val pixels = withContext(Dispatchers.Default) { prepare?.invoke(bitmap) ?: preprocessor(photograph) }
            val fits = pixels.width == preprocessor.width && pixels.height == preprocessor.height
            SelfTestResult.of(golden, photograph, pixels, if (fits) answer(pixels) else emptyList(), info)
        }

    /**
     * Measures the model on this device; other calls wait meanwhile. What went wrong is in the report.
     *
     * @param plan What to measure.
     * @param device The device's state, watched from before the call; see [AndroidDevice].
     * @param onPhase Receives the report after every phase, on the model's thread.
     */
    public suspend fun probe(
        plan: ProbePlan,
        device: AndroidDevice,
        onPhase: (ProbeReport) -> Unit = {},
    ): ProbeReport = ProbeRun(model, engines, device).measured(plan, onPhase) { measure ->
        onModelThread {
            session.unload()
            measure()
        }
    }

    /** Loads the model where it is not loaded. */
    public suspend fun load(): Unit = onModelThread(session::load)

    /** Frees the model's memory; the next prediction loads it again. */
    public suspend fun unload(): Unit = onModelThread(session::unload)

    /** Forgets which processors failed, and loads the model for what was asked. */
    public suspend fun reload(): Unit = onModelThread(session::reload)

    /** Frees everything, after the predictions that run or wait; returns at once. */
    override fun close() {
        if (!isClosed.compareAndSet(false, true)) return
        memoryPressure?.close()
        thread.close(session::close)
    }

    private fun require(vararg heads: Head) {
        val built = info.output.head
        if (built !in heads) throw EdgeVitException.WrongHead(heads.joinToString(" or ") { it.word }, built.word)
    }

    private suspend fun prepared(orientation: Orientation, read: () -> RgbImage): RgbImage {
        if (isClosed.get()) throw EdgeVitException.Closed()
        return withContext(Dispatchers.Default) { preprocessor(orientation.upright(read())) }
    }

    private suspend fun answer(pixels: RgbImage): List<OutputArray> = answers(listOf(pixels)).single()

    private suspend fun answers(images: List<RgbImage>): List<List<OutputArray>> =
        onModelThread { session.run(images) }

    private suspend fun <T> onModelThread(block: () -> T): T {
        if (isClosed.get()) throw EdgeVitException.Closed()
        return thread.run(block)
    }

    private fun ranked(outputs: List<OutputArray>, topK: Int): List<Prediction> {
        val scores = outputs.first().values
        val isLogits = info.output.head == Head.LOGITS
        val probabilities =
            if (isLogits) Ranking.softmax(scores) else DoubleArray(scores.size) { scores[it].toDouble() }
        return Ranking.top(topK, probabilities, labels)
    }

    public companion object {
        /**
         * Reads the library's files and loads the model, unless [Configuration.loadsAtOnce] is off.
         *
         * @param context Any; only the application's is kept.
         * @throws EdgeVitException for a damaged library, or a model that LiteRT cannot load.
         */
        public suspend fun create(context: Context, configuration: Configuration = Configuration()): EdgeVit {
            val model = withContext(Dispatchers.IO) { ModelPackage(context.applicationContext.assets) }
            val made = EdgeVit(context, model, configuration)
            try {
                if (configuration.loadsAtOnce) made.load()
            } catch (error: Throwable) {
                made.close()
                throw error
            }
            return made
        }
    }
}
