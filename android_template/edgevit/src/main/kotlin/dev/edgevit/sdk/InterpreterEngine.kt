package dev.edgevit.sdk

import dev.edgevit.core.Engine
import dev.edgevit.core.OutputArray
import dev.edgevit.core.RgbImage
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

/**
 * The model on the CPU: LiteRT's interpreter with XNNPACK.
 *
 * Buffers are made once and reused.
 */
internal class InterpreterEngine(model: ModelPackage, threads: Int) : Engine {
    private val specs = model.outputs
    private val inputName = model.info.input.name
    private val input = direct(3 * model.info.input.width * model.info.input.height)
    private val outputs = specs.associate { it.name to direct(Float.SIZE_BYTES * it.size) }

    // The interpreter reads weights from this mapping for as long as it lives.
    private val file = model.mapModel()

    // Last, as it holds memory that only close() frees, and nobody can close what was not constructed.
    private val interpreter = Interpreter(file, Interpreter.Options().setNumThreads(threads).setUseXNNPACK(true))

    override fun run(pixels: RgbImage): List<OutputArray> {
        input.rewind()
        input.put(pixels.values)
        input.rewind()
        outputs.values.forEach { it.rewind() }
        interpreter.runSignature(mapOf(inputName to input), outputs)
        return specs.map { OutputArray(it.name, it.shape, floats(outputs.getValue(it.name), it.size)) }
    }

    override fun close(): Unit = interpreter.close()

    private fun floats(buffer: ByteBuffer, count: Int): FloatArray {
        buffer.rewind()
        return FloatArray(count).also { buffer.asFloatBuffer().get(it) }
    }

    private fun direct(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())
}
