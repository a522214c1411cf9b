package dev.edgevit.sdk

import dev.edgevit.core.Accelerator

/**
 * How to load the model.
 *
 * @property accelerator What to try first. The default is the CPU: the processor that the file was verified with, and
 *   often the fastest one for small networks. Measure before you choose another.
 * @property allowsFallback Whether to go down [Accelerator.chain] when the model does not load or run there.
 * @property checksAccelerators Whether a GPU or NPU must first give PyTorch's answer on a photograph; one that computes
 *   something else counts as failed.
 * @property loadsAtOnce Whether `create` loads the model; otherwise the first call that needs it does.
 * @property threads Of the CPU's kernels; more than there are large cores makes most phones slower.
 * @property unloadsUnderMemoryPressure Whether the system's memory pressure unloads the model; the next prediction
 *   loads it again.
 */
public data class Configuration(
    val accelerator: Accelerator = Accelerator.CPU,
    val allowsFallback: Boolean = true,
    val checksAccelerators: Boolean = true,
    val loadsAtOnce: Boolean = true,
    val threads: Int = 2,
    val unloadsUnderMemoryPressure: Boolean = true,
)
