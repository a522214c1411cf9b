package dev.edgevit.microbenchmark

import android.graphics.Bitmap
import androidx.benchmark.junit4.BenchmarkRule
import androidx.benchmark.junit4.measureRepeated
import androidx.test.ext.junit.runners.AndroidJUnit4
import androidx.test.platform.app.InstrumentationRegistry
import dev.edgevit.core.ModelInfo.Head
import dev.edgevit.core.Preprocessor
import dev.edgevit.sdk.EdgeVit
import dev.edgevit.sdk.toRgbImage
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/** Jetpack's Microbenchmark of what an app's call consists of; `bench` measures the model alone, and for long. */
@RunWith(AndroidJUnit4::class)
class ModelBenchmark {
    @get:Rule
    val benchmark = BenchmarkRule()

    private val model = runBlocking { EdgeVit.create(InstrumentationRegistry.getInstrumentation().targetContext) }
    private val bitmap = Bitmap.createBitmap(640, 480, Bitmap.Config.ARGB_8888)

    @After
    fun close() = model.close()

    @Test
    fun readPixels() = benchmark.measureRepeated { bitmap.toRgbImage() }

    @Test
    fun resizeAndCrop() {
        val (preprocessor, image) = Preprocessor(model.info.input) to bitmap.toRgbImage()
        benchmark.measureRepeated { preprocessor(image) }
    }

    @Test
    fun wholeCall() = benchmark.measureRepeated { runBlocking { predict() } }

    private suspend fun predict(): Any = when (model.info.output.head) {
        Head.PROBABILITIES, Head.LOGITS -> model.classify(bitmap)
        Head.EMBEDDING -> model.embedding(bitmap)
        Head.FEATURES -> model.features(bitmap)
    }
}
