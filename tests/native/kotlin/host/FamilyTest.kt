package dev.edgevit.host

import android.content.Context
import android.util.Log
import dev.edgevit.bench.BenchActivity
import dev.edgevit.core.ModelInfo.Head
import dev.edgevit.core.Preprocessor
import dev.edgevit.sdk.EdgeVit
import dev.edgevit.sdk.InterpreterEngine
import dev.edgevit.sdk.ModelPackage
import dev.edgevit.sdk.toRgbImage
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.math.abs
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test

/** What must hold for every model and head. */
class FamilyTest {
    @get:Rule
    internal val world = World()

    private val model by lazy { ModelPackage(world.context.assets) }

    @Test
    fun `outputs are those of Python's LiteRT`() {
        assertEquals(model.golden.photos.map { it.name }.toSet(), world.expected.keys)
        InterpreterEngine(model, 1).use { engine ->
            for ((name, outputs) in world.expected) {
                val pixels = Preprocessor(model.info.input)(model.photograph(name).toRgbImage())
                for (output in engine.run(listOf(pixels)).single()) {
                    val wanted = outputs.getValue(output.name)
                    val worst = wanted.indices.maxOf { abs(wanted[it] - output.values[it]) }
                    assertEquals(output.shape.fold(1, Int::times), wanted.size)
                    assertTrue("$name, ${output.name}: $worst", worst <= 1e-6 * wanted.maxOf { abs(it) })
                }
            }
        }
    }

    @Test
    fun `the library's own way gives PyTorch's answers, by the call of the head`() = runBlocking {
        EdgeVit.create(world.context).use { edgeVit ->
            val results = edgeVit.selfTest()
            assertEquals(emptyList<Any>(), results.filterNot { it.passed })
            val bitmap = model.photograph(model.golden.photos.first().name)
            when (edgeVit.info.output.head) {
                Head.PROBABILITIES, Head.LOGITS -> assertEquals(5, edgeVit.classify(bitmap).size)
                Head.EMBEDDING -> assertEquals(model.outputs.single().size, edgeVit.embedding(bitmap).size)
                Head.FEATURES -> assertEquals(model.outputs.map { it.shape }, edgeVit.features(bitmap).map { it.shape })
            }
        }
    }

    @Test
    fun `the app measures it`() {
        val activity = BenchActivity()
        activity.intent.extras += mapOf("autorun" to true, "protocol" to "standard")
        activity.create()
        var line = ""
        while ("finished" !in line && "failed" !in line) {
            line = requireNotNull(Log.LINES.poll(300, TimeUnit.SECONDS)) { "the log says nothing" }
        }
        activity.destroy()
        assertTrue(line, "finished valid=true" in line)
        File(Context.files, "report.json").copyTo(File(System.getProperty("edgevit.report")), overwrite = true)
    }
}
