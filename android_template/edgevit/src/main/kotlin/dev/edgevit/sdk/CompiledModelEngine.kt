package dev.edgevit.sdk

import com.google.ai.edge.litert.CompiledModel
import com.google.ai.edge.litert.Environment
import com.google.ai.edge.litert.LiteRtException
import com.google.ai.edge.litert.TensorBuffer
import dev.edgevit.core.Accelerator
import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.Engine
import dev.edgevit.core.InputValues
import dev.edgevit.core.ModelInfo.PixelType
import dev.edgevit.core.OutputArray
import dev.edgevit.core.RgbImage
import com.google.ai.edge.litert.Accelerator as Processor

/**
 * The model on a GPU or NPU: LiteRT's compiled model.
 *
 * Operators that the processor does not have, at least the conversion of pixels of one byte, stay on the CPU. Whether
 * the file takes what `edgevit.json` says is not asked here: its answer on a photograph tells, see [Engines.check].
 *
 * @throws EdgeVitException.ModelUnavailable where LiteRT has no such processor, or cannot compile the model for it.
 */
internal class CompiledModelEngine(private val model: ModelPackage, accelerator: Accelerator) : Engine {
    private val inputName = model.info.input.name
    private val type = model.info.input.type
    private val values = InputValues(model.info.input)
    private val opened = ArrayDeque<AutoCloseable>()
    private val compiled: CompiledModel
    private val input: TensorBuffer
    private val outputs: Map<String, TensorBuffer>

    init {
        try {
            val environment = Environment.create().also(opened::addFirst)
            val processor = available(environment, accelerator)
            val options = CompiledModel.Options(processor, Processor.CPU)
            compiled = CompiledModel.create(model.assets, model.modelPath, options, environment).also(opened::addFirst)
            input = compiled.createInputBuffer(inputName).also(opened::addFirst)
            outputs = model.outputs.associate { it.name to compiled.createOutputBuffer(it.name).also(opened::addFirst) }
        } catch (error: Throwable) {
            close()
            if (error is LiteRtException) throw EdgeVitException.ModelUnavailable(error.message.orEmpty(), error)
            throw error
        }
    }

    override fun run(images: List<RgbImage>): List<List<OutputArray>> = try {
        values.fill(images)
        when (type) {
            PixelType.UINT8 -> input.writeInt8(values.bytes) // no call for unsigned ones: they are copied as they are
            PixelType.FLOAT32 -> input.writeFloat(values.floats)
        }
        compiled.run(mapOf(inputName to input), outputs)
        model.answers(images.size) { floats(outputs.getValue(it.name), it) }
    } catch (error: LiteRtException) {
        throw EdgeVitException.PredictionFailed(error.message.orEmpty(), error)
    }

    override fun close() {
        while (opened.isNotEmpty()) opened.removeFirst().close()
    }

    private fun floats(buffer: TensorBuffer, spec: OutputSpec): FloatArray {
        val values = buffer.readFloat()
        if (values.size != model.batch * spec.size) {
            throw EdgeVitException.PredictionFailed("${values.size} values in ${spec.name}")
        }
        return values
    }

    private fun available(environment: Environment, accelerator: Accelerator): Processor {
        val processor = if (accelerator == Accelerator.NPU) Processor.NPU else Processor.GPU
        if (processor !in environment.getAvailableAccelerators()) {
            throw EdgeVitException.ModelUnavailable("LiteRT finds no ${processor.name} that it can use")
        }
        return processor
    }
}
