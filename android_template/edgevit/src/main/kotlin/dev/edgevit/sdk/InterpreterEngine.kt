package dev.edgevit.sdk

import dev.edgevit.core.Engine
import dev.edgevit.core.InputValues
import dev.edgevit.core.ModelInfo.PixelType
import dev.edgevit.core.OutputArray
import dev.edgevit.core.RgbImage
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.Interpreter

/**
 * The model on the CPU: LiteRT's interpreter with XNNPACK.
 *
 * Buffers are made once and reused.
 *
 * @throws dev.edgevit.core.EdgeVitException.BadModelData where the file takes another input than `edgevit.json` says.
 */
internal class InterpreterEngine(private val model: ModelPackage, threads: Int) : Engine {
    private val inputName = model.info.input.name
    private val type = model.info.input.type
    private val values = InputValues(model.info.input)
    private val input = direct(values.bytes.size + Float.SIZE_BYTES * values.floats.size)
    private val outputs = model.outputs.associate { it.name to direct(Float.SIZE_BYTES * model.batch * it.size) }

    // The interpreter reads weights from this mapping for as long as it lives.
    private val file = model.mapModel()

    // Last, as it holds memory that only close() frees, and nobody can close what was not constructed.
    private val interpreter = opened(Interpreter.Options().setNumThreads(threads).setUseXNNPACK(true))

    override fun run(images: List<RgbImage>): List<List<OutputArray>> {
        values.fill(images)
        input.rewind()
        when (type) {
            PixelType.UINT8 -> input.put(values.bytes)
            PixelType.FLOAT32 -> input.asFloatBuffer().put(values.floats)
        }
        input.rewind()
        outputs.values.forEach { it.rewind() }
        interpreter.runSignature(mapOf(inputName to input), outputs)
        return model.answers(images.size) { floats(outputs.getValue(it.name)) }
    }

    override fun close(): Unit = interpreter.close()

    private fun opened(options: Interpreter.Options): Interpreter {
        val opened = Interpreter(file, options)
        try {
            val tensor = opened.getInputTensorFromSignature(inputName, null)
            model.checkInput(tensor.dataType().name.lowercase(), tensor.shape().toList())
        } catch (error: RuntimeException) {
            opened.close()
            throw error
        }
        return opened
    }

    private fun floats(buffer: ByteBuffer): FloatArray {
        buffer.rewind()
        val values = buffer.asFloatBuffer()
        return FloatArray(values.remaining()).also { values.get(it) }
    }

    private fun direct(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder())
}
