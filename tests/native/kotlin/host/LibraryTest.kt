package dev.edgevit.host

import android.content.ComponentCallbacks2
import android.content.Context
import android.graphics.Bitmap
import android.graphics.ImageFormat
import android.media.Image
import android.os.Build
import com.google.ai.edge.litert.HostGpu
import dev.edgevit.core.Accelerator
import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.Orientation
import dev.edgevit.core.Preprocessor
import dev.edgevit.core.probe.ProbePlan
import dev.edgevit.core.selftest.ImageMistake
import dev.edgevit.sdk.AndroidDevice
import dev.edgevit.sdk.Configuration
import dev.edgevit.sdk.EdgeVit
import dev.edgevit.sdk.InterpreterEngine
import dev.edgevit.sdk.ModelPackage
import dev.edgevit.sdk.toRgbImage
import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import kotlin.math.abs
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test

/** The unchanged library with the real LiteRT of the host, on real photographs. */
class LibraryTest {
    @get:Rule
    internal val world = World()

    private fun withModel(configuration: Configuration = Configuration(), use: suspend (EdgeVit) -> Unit): Unit =
        runBlocking { EdgeVit.create(world.context, configuration).use { use(it) } }

    private fun photographs(): Map<String, Bitmap> {
        val model = ModelPackage(world.context.assets)
        return model.golden.photos.associate { it.name to model.photograph(it.name) }
    }

    private inline fun <reified T : Throwable> assertFails(crossinline body: suspend () -> Unit): T =
        assertThrows(T::class.java) { runBlocking { body() } }

    @Test
    fun `outputs are those of Python's LiteRT`() {
        val model = ModelPackage(world.context.assets)
        assertTrue(world.expected.size >= 2)
        InterpreterEngine(model, 1).use { engine ->
            for ((name, outputs) in world.expected) {
                val pixels = Preprocessor(model.info.input)(model.photograph(name).toRgbImage())
                for (output in engine.run(listOf(pixels)).single()) {
                    val wanted = outputs.getValue(output.name)
                    val scale = wanted.maxOf { abs(it) }
                    assertEquals(wanted.size, output.values.size)
                    val worst = wanted.indices.maxOf { abs(wanted[it] - output.values[it]) } / scale
                    assertTrue("$name: $worst", worst <= 1e-6)
                }
            }
        }
    }

    @Test
    fun `photographs are classified as Python ranks them`() = withModel { model ->
        for ((name, bitmap) in photographs()) {
            val scores = world.expected.getValue(name).getValue(model.info.output.names.single())
            val predictions = model.classify(bitmap, topK = 3)
            assertEquals(scores.indices.sortedByDescending { scores[it] }.take(3), predictions.map { it.index })
            assertEquals(predictions.map { model.labels[it.index] }, predictions.map { it.label })
            assertEquals(predictions.map { it.probability }, predictions.map { it.probability }.sortedDescending())
        }
    }

    @Test
    fun `the self-test passes, and names the mistakes of other pixels`() = withModel { model ->
        assertTrue(model.selfTest().also { assertTrue(it.size >= 2) }.all { it.passed })
        val preprocessor = Preprocessor(model.info.input)
        val swapped = model.selfTest { bitmap ->
            val right = preprocessor(bitmap.toRgbImage())
            Orientation.DOWN_MIRRORED.upright(right)
        }
        assertEquals(setOf(ImageMistake.FLIPPED), swapped.map { it.mistake }.toSet())
        val wrongSize = model.selfTest { it.toRgbImage() }
        assertTrue(wrongSize.none { it.passed || it.agreements.isNotEmpty() })
    }

    @Test
    fun `a GPU that works is used`() {
        HostGpu.exists = true
        withModel(Configuration(accelerator = Accelerator.GPU)) { model ->
            assertEquals(Accelerator.GPU, model.placement.used)
            assertTrue(model.selfTest().all { it.passed })
        }
    }

    @Test
    fun `a GPU that computes something else is not`() {
        HostGpu.exists = true
        HostGpu.isWrong = true
        withModel(Configuration(accelerator = Accelerator.GPU)) { model ->
            assertEquals(Accelerator.CPU, model.placement.used)
            assertTrue("PyTorch" in model.placement.failures.single().reason)
            assertTrue(model.selfTest().all { it.passed })
        }
        withModel(Configuration(accelerator = Accelerator.GPU, checksAccelerators = false)) { model ->
            assertEquals(Accelerator.GPU, model.placement.used)
            assertFalse(model.selfTest().all { it.passed })
        }
    }

    @Test
    fun `what the device does not have falls back with a reason, or fails where that is not wanted`() {
        withModel(Configuration(accelerator = Accelerator.NPU)) { model ->
            assertEquals(listOf(Accelerator.NPU, Accelerator.GPU), model.placement.failures.map { it.accelerator })
            assertEquals(Accelerator.CPU, model.placement.used)
        }
        HostGpu.exists = true
        HostGpu.compiles = false
        assertFails<EdgeVitException.ModelUnavailable> {
            EdgeVit.create(world.context, Configuration(accelerator = Accelerator.GPU, allowsFallback = false))
        }
    }

    @Test
    fun `transparent, hardware and recycled bitmaps`() = withModel { model ->
        val bitmap = photographs().values.first()
        val pixels = IntArray(bitmap.width * bitmap.height).also { bitmap.getPixels(it, 0, bitmap.width, 0, 0, bitmap.width, bitmap.height) }
        val plain = model.classify(bitmap)
        assertEquals(plain, model.classify(Bitmap(bitmap.width, pixels, false, Bitmap.Config.HARDWARE)))
        val clear = Bitmap(bitmap.width, IntArray(pixels.size) { pixels[it] and 0xFFFFFF }, true, Bitmap.Config.ARGB_8888)
        assertTrue(clear.toRgbImage().values.all { it == 0.toByte() })
        bitmap.recycled = true
        assertFails<EdgeVitException.UnreadableImage> { model.classify(bitmap) }
        Build.VERSION.SDK_INT = 23
        assertEquals(plain, model.classify(Bitmap(bitmap.width, pixels, false, Bitmap.Config.ARGB_8888)))
    }

    @Test
    fun `a grey camera frame is the grey bitmap, turned as told`() = withModel { model ->
        val (width, height) = 40 to 30
        val luma = ByteArray(width * height) { (it * 7 % 256).toByte() }
        val chroma = Image.Plane(ByteBuffer.wrap(ByteArray(width * height / 2) { 128.toByte() }), width, 2)
        val frame = Image(ImageFormat.YUV_420_888, width, height, Image.Plane(ByteBuffer.wrap(luma), width, 1), chroma, chroma)
        val grey = IntArray(luma.size) { (luma[it].toInt() and 0xFF) * 0x010101 }
        val bitmap = Bitmap(width, grey, false, Bitmap.Config.ARGB_8888)
        assertFails<IllegalArgumentException> { model.classify(frame, 45) }
        assertEquals(model.classify(bitmap), model.classify(frame, 0))
        assertEquals(model.classify(bitmap, orientation = Orientation.RIGHT), model.classify(frame, 90))
        assertFails<EdgeVitException.UnreadableImage> { model.classify(Image(ImageFormat.JPEG, 1, 1), 0) }
        frame.closed = true
        assertFails<EdgeVitException.UnreadableImage> { model.classify(frame, 0) }
    }

    @Test
    fun `calls for another head are refused by name`() = withModel { model ->
        val error = assertFails<EdgeVitException.WrongHead> { model.embedding(photographs().values.first()) }
        assertTrue("embedding" in error.message.orEmpty())
        assertFails<EdgeVitException.WrongHead> { model.features(photographs().values.first()) }
    }

    @Test
    fun `several images at once are answered in order, and one bad one fails all`() = withModel { model ->
        val bitmaps = photographs().values.toList()
        assertEquals(bitmaps.map { model.classify(it) }, model.classify(bitmaps))
        assertEquals(emptyList<Any>(), model.classify(emptyList()))
        bitmaps.last().recycled = true
        assertFails<EdgeVitException.UnreadableImage> { model.classify(bitmaps) }
        assertEquals(5, model.classify(bitmaps.first()).size)
    }

    @Test
    fun `a model may wait with loading until somebody needs it`() = withModel(Configuration(loadsAtOnce = false)) { model ->
        assertEquals(0 to null, Runtime.open to model.placement.used)
        assertEquals(5, model.classify(photographs().values.first()).size)
        assertEquals(1 to Accelerator.CPU, Runtime.open to model.placement.used)
    }

    @Test
    fun `many callers at once get the answers of one`() = withModel { model ->
        val bitmaps = photographs().values.toList()
        val alone = bitmaps.map { model.classify(it) }
        val together = coroutineScope {
            List(32) { async(Dispatchers.Default) { model.classify(bitmaps[it % bitmaps.size]) } }.awaitAll()
        }
        together.forEachIndexed { index, answer -> assertEquals(alone[index % bitmaps.size], answer) }
    }

    @Test
    fun `memory pressure unloads, the next call loads again`() = withModel { model ->
        val pressure = world.context.callbacks.single() as ComponentCallbacks2
        pressure.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_UI_HIDDEN)
        model.load() // behind what was posted
        assertEquals(1, Runtime.open)
        pressure.onTrimMemory(ComponentCallbacks2.TRIM_MEMORY_COMPLETE)
        model.placement
        runBlocking { model.unload() }
        assertEquals(0, Runtime.open)
        assertEquals(5, model.classify(photographs().values.first()).size)
        assertEquals(1, Runtime.open)
    }

    @Test
    fun `a cancelled call that waits does not run, and the model stays ready`() = withModel { model ->
        val photograph = photographs().values.first()
        val before = Runtime.runs
        val (isBusy, isFree) = CountDownLatch(1) to CountDownLatch(1)
        val plan = ProbePlan.standard().copy(minimumRuns = 1, minimumDuration = 0, warmUp = 0)
        coroutineScope {
            launch(Dispatchers.Default) {
                AndroidDevice(world.context).use { device ->
                    model.probe(plan, device) {
                        isBusy.countDown()
                        isFree.await()
                    }
                }
            }
            isBusy.await()
            val waiting = launch(Dispatchers.Default) { model.classify(photograph) }
            delay(100)
            waiting.cancel()
            isFree.countDown()
        }
        assertEquals("the probe's first run and its one sample", 2, Runtime.runs - before)
        assertEquals(5, model.classify(photograph).size)
    }

    @Test
    fun `a closed model answers with an error`() = runBlocking {
        val model = EdgeVit.create(world.context)
        model.close()
        model.close()
        assertFails<EdgeVitException.Closed> { model.classify(photographs().values.first()) }
        assertFails<EdgeVitException.Closed> { model.load() }
        Unit
    }

    @Test
    fun `damaged packages are refused before anything runs`() {
        val damages = listOf<Pair<Class<out EdgeVitException>, (File) -> Unit>>(
            EdgeVitException.MissingResource::class.java to { File(it, "labels.txt").delete() },
            EdgeVitException.MissingResource::class.java to { File(it, "photos").deleteRecursively() },
            EdgeVitException.BadModelData::class.java to { File(it, "edgevit.json").writeText("{") },
            EdgeVitException.BadModelData::class.java to { File(it, "golden.json").writeText("{}") },
            EdgeVitException.BadModelData::class.java to { File(it, "labels.txt").appendText("one more\n") },
            EdgeVitException.ModelUnavailable::class.java to { File(it, "model.tflite").appendText("x") },
            EdgeVitException.ModelUnavailable::class.java to { file -> File(file, "model.tflite").let { it.writeBytes(ByteArray(it.length().toInt())) } },
        )
        val whole = Context.assets
        for ((kind, damage) in damages) {
            Context.assets = whole
            File(Context.files, "assets").deleteRecursively()
            world.withAssets(damage)
            assertThrows(kind.simpleName, kind) { runBlocking { EdgeVit.create(world.context).use { it.selfTest() } } }
        }
    }

    @Test
    fun `images share runs as the model takes them, each with its own answer`() = withModel { model ->
        val photographs = photographs().values.toList()
        val bitmaps = List(2 * model.info.input.batch + 1) { photographs[it % photographs.size] }
        val alone = photographs.map { model.classify(it) }
        val before = Runtime.runs
        assertEquals(bitmaps.indices.map { alone[it % photographs.size] }, model.classify(bitmaps))
        assertEquals(3, Runtime.runs - before)
    }

    @Test
    fun `a file that takes another image than its description says is refused by name`() {
        val whole = Context.assets
        val type = Regex("\"type\": \"(\\w+)\"")
        val edits = listOf<(String) -> String>(
            { text -> type.replace(text) { if (it.groupValues[1] == "uint8") "\"type\": \"float32\"" else "\"type\": \"uint8\"" } },
            { text -> Regex("\"batch\": \\d+").replace(text, "\"batch\": 5") },
            { text -> Regex("\"height\": \\d+").replace(text, "\"height\": 33") },
        )
        for (edit in edits) {
            Context.assets = whole
            File(Context.files, "assets").deleteRecursively()
            world.withAssets { folder -> File(folder, "edgevit.json").let { it.writeText(edit(it.readText())) } }
            val error = assertFails<EdgeVitException.ModelUnavailable> { EdgeVit.create(world.context).close() }
            assertTrue(error.message, "edgevit.json says" in error.message.orEmpty())
        }
    }

    @Test
    fun `cancellation is not an error of the library`() = withModel { model ->
        val photograph = photographs().values.first()
        assertThrows(TimeoutCancellationException::class.java) {
            runBlocking { withTimeout(20) { while (true) model.classify(photograph) } }
        }
        assertEquals(5, model.classify(photograph).size)
    }
}
