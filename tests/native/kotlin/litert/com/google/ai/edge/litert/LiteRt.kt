// Stand-in for LiteRT's Kotlin interface, release 2.3: the members that the library uses, with the signatures of
// litert/kotlin in google-ai-edge/LiteRT, run by the host's LiteRT. A test may give the host a GPU, right or wrong.
package com.google.ai.edge.litert

import android.content.res.AssetManager
import dev.edgevit.host.Runtime
import java.io.FileInputStream
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel

enum class Accelerator(val value: Int) { NONE(0), CPU(1), GPU(2), NPU(3) }

class LiteRtException(message: String) : Exception(message)

abstract class JniHandle internal constructor() : AutoCloseable {
    private var destroyed = false

    init {
        open++
    }

    protected fun assertNotDestroyed() = check(!destroyed) { "The handle has been destroyed." }

    protected abstract fun destroy()

    final override fun close() {
        if (destroyed) return
        destroyed = true
        open--
        destroy()
    }

    companion object {
        @JvmField var open = 0
    }
}

/** What the host pretends to have. */
object HostGpu {
    @JvmField var exists = false

    @JvmField var isWrong = false

    @JvmField var compiles = true
}

class Environment private constructor() : JniHandle() {
    enum class Option { CompilerPluginLibraryDir, DispatchLibraryDir }

    fun getAvailableAccelerators(): Set<Accelerator> {
        assertNotDestroyed()
        return if (HostGpu.exists) setOf(Accelerator.CPU, Accelerator.GPU) else setOf(Accelerator.CPU)
    }

    override fun destroy() = Unit

    companion object {
        @JvmOverloads
        @JvmStatic
        fun create(@Suppress("UNUSED_PARAMETER") options: Map<Option, String> = mapOf()): Environment = Environment()
    }
}

class TensorBuffer internal constructor(internal val bytes: ByteBuffer) : JniHandle() {
    fun writeInt8(data: ByteArray) {
        assertNotDestroyed()
        bytes.rewind()
        bytes.put(data)
    }

    fun writeFloat(data: FloatArray) {
        assertNotDestroyed()
        bytes.rewind()
        bytes.asFloatBuffer().put(data)
    }

    fun readFloat(): FloatArray {
        assertNotDestroyed()
        bytes.rewind()
        return FloatArray(bytes.remaining() / 4).also { bytes.asFloatBuffer().get(it) }
    }

    override fun destroy() = Unit
}

class CompiledModel private constructor(private val runtime: Runtime) : JniHandle() {
    class Options(val accelerators: Set<Accelerator>) {
        constructor(vararg accelerators: Accelerator) : this(setOf(*accelerators))

        companion object {
            @JvmStatic val CPU = Options(Accelerator.CPU)
        }
    }

    fun createInputBuffer(inputName: String, signature: String? = null): TensorBuffer = buffer(false, inputName, signature)

    fun createOutputBuffer(outputName: String, signature: String? = null): TensorBuffer = buffer(true, outputName, signature)

    fun run(inputs: Map<String, TensorBuffer>, outputs: Map<String, TensorBuffer>, signature: String? = null) {
        assertNotDestroyed()
        require(signature == null)
        runtime.run(ordered(inputs, false), ordered(outputs, true))
        if (HostGpu.isWrong) outputs.values.forEach { it.bytes.putFloat(0, it.bytes.getFloat(0) + 1f) }
    }

    override fun destroy() = runtime.close()

    private fun ordered(buffers: Map<String, TensorBuffer>, output: Boolean): Array<ByteBuffer> =
        runtime.names(output).map { buffers.getValue(it).bytes }.toTypedArray()

    private fun buffer(output: Boolean, name: String, signature: String?): TensorBuffer {
        assertNotDestroyed()
        require(signature == null)
        val index = runtime.names(output).indexOf(name)
        if (index < 0) throw LiteRtException("no tensor $name")
        val type = runtime.type(output, index)
        val bytes = type.drop(1).fold(if (type[0] == 1) 4 else 1) { product, length -> product * length }
        return TensorBuffer(ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()))
    }

    companion object {
        @JvmOverloads
        @JvmStatic
        fun create(
            assetManager: AssetManager,
            assetName: String,
            options: Options = Options.CPU,
            optionalEnv: Environment? = null,
        ): CompiledModel {
            requireNotNull(optionalEnv)
            if (options.accelerators != setOf(Accelerator.CPU) && !HostGpu.compiles) throw LiteRtException("it does not compile")
            val asset = assetManager.openFd(assetName)
            val channel = FileInputStream(asset.fileDescriptor).channel
            return CompiledModel(Runtime(channel.map(FileChannel.MapMode.READ_ONLY, asset.startOffset, asset.length)))
        }
    }
}
