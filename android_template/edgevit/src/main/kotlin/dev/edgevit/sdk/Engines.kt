package dev.edgevit.sdk

import dev.edgevit.core.Accelerator
import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.Engine
import dev.edgevit.core.Preprocessor
import dev.edgevit.core.RgbImage
import dev.edgevit.core.selftest.SelfTestResult

/** Loads the model for a processor, and checks that the processor computes what PyTorch does. */
internal class Engines(private val model: ModelPackage, private val configuration: Configuration) {
    /** The photograph that a GPU or NPU must answer as PyTorch did, made ready once. */
    private val trial: Trial? by lazy { if (configuration.checksAccelerators) firstTrial() else null }

    /** Loads the model; [check] says whether it may be used. */
    fun open(accelerator: Accelerator): Engine {
        model.checkModel()
        if (accelerator == Accelerator.CPU) return InterpreterEngine(model, configuration.threads)
        return CompiledModelEngine(model, accelerator)
    }

    /** Loads the model and checks it. */
    fun opened(accelerator: Accelerator): Engine {
        val engine = open(accelerator)
        try {
            check(engine)
        } catch (error: RuntimeException) {
            engine.close()
            throw error
        }
        return engine
    }

    /**
     * Compares a GPU's or NPU's answer with PyTorch's; the CPU is the processor that the file was verified with.
     *
     * @throws EdgeVitException.ModelUnavailable where it is another one.
     */
    fun check(engine: Engine) {
        if (engine is CompiledModelEngine) trial?.check(engine)
    }

    private fun firstTrial(): Trial? {
        val photo = model.golden.photos.firstOrNull() ?: return null
        val photograph = model.photograph(photo.name).toRgbImage()
        return Trial(photograph, Preprocessor(model.info.input)(photograph))
    }

    private inner class Trial(private val photograph: RgbImage, private val pixels: RgbImage) {
        fun check(engine: Engine) {
            val photo = model.golden.photos.first()
            val answers = engine.run(List(model.batch) { pixels }) // each place of a batch must be right
            val results = answers.map { SelfTestResult.of(photo, photograph, pixels, it, model.info) }
            val wrong = results.filterNot { it.sameAnswer }
            if (wrong.isEmpty()) return
            val psnr = wrong.flatMap { it.agreements }.minOfOrNull { it.psnr }
            val distance = if (psnr == null) "cannot be compared with" else "is only ${psnr.toInt()} dB from"
            throw EdgeVitException.ModelUnavailable("its answer on ${photo.name} $distance PyTorch's")
        }
    }
}
