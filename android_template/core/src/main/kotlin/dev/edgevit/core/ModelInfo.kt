package dev.edgevit.core

import dev.edgevit.core.selftest.Tolerance

/**
 * What `edgevit.json` says about the model in this library.
 *
 * @property tolerance What a device may differ by from PyTorch: the budget that the written file kept.
 */
public class ModelInfo private constructor(
    public val model: Model,
    public val weights: Weights,
    public val input: Input,
    public val output: Output,
    public val artifact: Artifact,
    public val tolerance: Tolerance,
) {
    /**
     * The architecture.
     *
     * @property id Registry name, for example `fastvit_t8`.
     * @property title Name for people.
     * @property family Name of the family.
     * @property params Parameters of the training form with 1000 classes.
     * @property macs Multiply-accumulates of one inference of the training form at the native size.
     * @property licence Licence of the architecture's reference code.
     * @property paper Where it was published.
     */
    public data class Model(
        public val id: String,
        public val title: String,
        public val family: String,
        public val params: Long,
        public val macs: Long,
        public val licence: String,
        public val paper: String,
    )

    /**
     * Where the numbers came from.
     *
     * @property kind `pretrained`, `hub`, `file` or `random`.
     * @property source Where they were read from.
     * @property sha256 Digest of what was read.
     * @property licence Licence of the weights.
     * @property trained False for random weights: predictions mean nothing then.
     * @property note Remark for people; may be empty.
     */
    public data class Weights(
        public val kind: String,
        public val source: String,
        public val sha256: String,
        public val licence: String,
        public val trained: Boolean,
        public val note: String,
    )

    /**
     * The image that the model takes.
     *
     * @property name Name of the model's input.
     * @property width Pixels.
     * @property height Pixels.
     * @property cropFraction Share of the resized image that the centre crop keeps along its shorter side, above 0 and
     *   at most 1.
     * @property interpolation How pixels are resized; only antialiased bicubic is implemented, as every released model
     *   uses it.
     * @property mean Per-channel mean on a 0..1 scale, subtracted inside the model.
     * @property std Per-channel standard deviation on a 0..1 scale, divided by inside the model.
     * @property type Element type of the model's input.
     * @property batch How many images the model takes at once.
     */
    public data class Input(
        public val name: String,
        public val width: Int,
        public val height: Int,
        public val cropFraction: Double,
        public val interpolation: String,
        public val mean: List<Double>,
        public val std: List<Double>,
        public val type: PixelType,
        public val batch: Int,
    )

    /** Element types of the model's input, 0 to 255 in either; [word] is their name in `edgevit.json`. */
    public enum class PixelType(public val word: String) {
        UINT8("uint8"),
        FLOAT32("float32"),
    }

    /**
     * What the model returns.
     *
     * @property head Kind of output.
     * @property names Names of the model's outputs in order.
     * @property classes Lines of `labels.txt`.
     */
    public data class Output(public val head: Head, public val names: List<String>, public val classes: Int)

    /** Kinds of output; [word] is their name in `edgevit.json` and on edgevit's command line. */
    public enum class Head(public val word: String) {
        LOGITS("logits"),
        PROBABILITIES("probabilities"),
        EMBEDDING("embedding"),
        FEATURES("features"),
    }

    /**
     * The model's file.
     *
     * @property file Name beside `edgevit.json`.
     * @property precision `fp16` or `fp32`: number format of the weights.
     * @property sha256 Digest of the file.
     * @property bytes Its size.
     */
    public data class Artifact(
        public val file: String,
        public val precision: String,
        public val sha256: String,
        public val bytes: Long,
    )

    public companion object {
        /** The one `schema` that this code reads. */
        public const val SCHEMA: String = "edgevit-sdk/1"

        private const val FILE = "edgevit.json"

        /**
         * Reads the bytes of `edgevit.json`.
         *
         * @throws EdgeVitException.BadModelData where they are not of this schema or contradict themselves.
         */
        public fun parse(json: ByteArray): ModelInfo {
            val fields = Fields.of(FILE, json)
            val schema = fields.text("schema")
            if (schema != SCHEMA) throw EdgeVitException.BadModelData("$FILE has schema $schema, not $SCHEMA")
            return ModelInfo(
                model(fields.table("model")),
                weights(fields.table("weights")),
                input(fields.table("input")),
                output(fields.table("output")),
                artifact(fields.table("artifact")),
                tolerance(fields.table("fidelity").table("budget")),
            )
        }

        private fun model(from: Fields) = Model(
            from.text("id"), from.text("title"), from.text("family"), from.whole("params"), from.whole("macs"),
            from.text("licence"), from.text("paper"),
        )

        private fun weights(from: Fields) = Weights(
            from.text("kind"), from.text("source"), from.text("sha256"), from.text("licence"), from.flag("trained"),
            from.text("note"),
        )

        private fun input(from: Fields): Input {
            val input = Input(
                from.text("name"), from.size("width"), from.size("height"), from.number("crop_pct"),
                from.text("interpolation"), from.numbers("mean"), from.numbers("std"), pixelType(from),
                from.size("batch"),
            )
            val sizes = listOf(input.width, input.height, input.batch)
            if (sizes.min() < 1 || !(input.cropFraction > 0 && input.cropFraction <= 1)) {
                throw EdgeVitException.BadModelData("$FILE describes an impossible input")
            }
            if (input.mean.size != 3 || input.std.size != 3) from.wrong("mean or std", "three numbers")
            if (input.interpolation != "bicubic") {
                throw EdgeVitException.BadModelData("$FILE asks for ${input.interpolation} interpolation")
            }
            return input
        }

        private fun pixelType(from: Fields): PixelType {
            val word = from.text("type")
            return PixelType.entries.firstOrNull { it.word == word } ?: from.wrong("type", "a known element type")
        }

        private fun output(from: Fields): Output {
            val word = from.text("head")
            val head = Head.entries.firstOrNull { it.word == word } ?: from.wrong("head", "a known head")
            val output = Output(head, from.texts("names"), from.size("classes"))
            if (output.classes < 0 || output.names.isEmpty()) {
                throw EdgeVitException.BadModelData("$FILE describes an impossible model")
            }
            return output
        }

        private fun tolerance(from: Fields) =
            Tolerance(from.number("psnr_db"), from.number("probability_max_abs"), from.number("top1_margin"))

        private fun artifact(from: Fields): Artifact {
            val format = from.text("format")
            if (format != "tflite") throw EdgeVitException.BadModelData("$FILE describes a $format file, not tflite")
            return Artifact(from.text("file"), from.text("precision"), from.text("sha256"), from.whole("bytes"))
        }
    }
}
