package dev.edgevit.core.selftest

import dev.edgevit.core.ModelInfo
import dev.edgevit.core.OutputArray
import dev.edgevit.core.RgbImage
import java.security.MessageDigest

/**
 * What a self-test found on one photograph.
 *
 * @property photo Its name.
 * @property samePixels Whether the network received exactly the pixels that it received when the library was built.
 * @property mistake What went wrong before the model, where it was recognised.
 * @property agreements How the answers compare, one for each output; empty where they cannot be compared at all.
 * @property sameAnswer Whether all answers are within the tolerance.
 */
public data class SelfTestResult(
    val photo: String,
    val samePixels: Boolean,
    val mistake: ImageMistake?,
    val agreements: List<Agreement>,
    val sameAnswer: Boolean,
) {
    public val passed: Boolean get() = samePixels && sameAnswer

    public companion object {
        /**
         * Judges one photograph.
         *
         * @param golden What PyTorch computed on it.
         * @param photograph The decoded photograph, upright.
         * @param pixels What was handed to the model.
         * @param answers What the model answered.
         * @param info The model's description.
         */
        public fun of(
            golden: Golden.Photo,
            photograph: RgbImage,
            pixels: RgbImage,
            answers: List<OutputArray>,
            info: ModelInfo,
        ): SelfTestResult {
            val samePixels = sha256(pixels.values) == golden.pixelsSha256
            val mistake = if (samePixels) null else ImageMistake.explaining(pixels, photograph, info.input)
            val found = golden.outputs.zip(answers).mapNotNull { (expected, answer) ->
                Agreement.of(expected.values, Golden.sampled(answer.channelsFirst()))
            }
            val complete = found.size == golden.outputs.size && answers.size == golden.outputs.size
            val probabilities = info.output.head == ModelInfo.Head.PROBABILITIES
            val sameAnswer = complete && found.all { info.tolerance.allows(it, probabilities) }
            return SelfTestResult(golden.name, samePixels, mistake, found, sameAnswer)
        }

        private fun sha256(bytes: ByteArray): String =
            MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }
    }
}
