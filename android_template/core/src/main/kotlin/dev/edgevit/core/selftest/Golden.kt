package dev.edgevit.core.selftest

import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.Fields
import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.io.encoding.Base64
import kotlin.math.exp

/**
 * What PyTorch computed on a few photographs when the library was built, from `golden.json`.
 *
 * @property photos In the order of the file.
 */
public class Golden private constructor(public val photos: List<Photo>) {
    /**
     * One photograph.
     *
     * @property name Its file is `<name>.png`.
     * @property pixelsSha256 Digest of the pixels that the network saw: red, green, blue, row by row.
     * @property outputs What PyTorch computed, one for each output of the model.
     */
    public class Photo internal constructor(
        public val name: String,
        public val pixelsSha256: String,
        public val outputs: List<Output>,
    )

    /**
     * One output.
     *
     * @property shape Lengths of the axes; channels before height and width, as PyTorch has them.
     * @property values The kept elements; probabilities where the file has their logarithms.
     */
    public class Output internal constructor(public val shape: List<Int>, public val values: DoubleArray)

    public companion object {
        /** The one `schema` that this code reads. */
        public const val SCHEMA: String = "edgevit-golden/1"

        /** Elements that are kept of a larger output. */
        private const val KEPT = 4096

        private const val FILE = "golden.json"
        private val NAME = Regex("[a-z0-9_]{1,64}")

        /**
         * Reads the bytes of `golden.json`.
         *
         * @throws EdgeVitException.BadModelData where they are not of this schema or contradict themselves.
         */
        public fun parse(json: ByteArray): Golden {
            val fields = Fields.of(FILE, json)
            val schema = fields.text("schema")
            if (schema != SCHEMA) throw EdgeVitException.BadModelData("$FILE has schema $schema, not $SCHEMA")
            return Golden(fields.tables("photos").map(::photo))
        }

        /** The elements of an output that golden values exist of: all, or 4096 evenly spread ones. */
        public fun sampled(values: FloatArray): DoubleArray {
            val count = minOf(values.size, KEPT)
            return DoubleArray(count) { values[(it.toLong() * values.size / count).toInt()].toDouble() }
        }

        private fun photo(from: Fields): Photo {
            val name = from.text("name")
            if (!NAME.matches(name)) from.wrong("name", "a simple name")
            return Photo(name, from.text("pixels_sha256"), from.tables("outputs").map(::output))
        }

        private fun output(from: Fields): Output {
            val shape = from.numbers("shape").map { it.toInt() }
            val size = shape.fold(1L) { product, length -> product * length }
            val stored = floats(from).map { it.toDouble() }
            if (size < 1 || stored.size.toLong() != minOf(size, KEPT.toLong())) from.wrong("shape", "its values' shape")
            val isLogarithm = from.text("quantity") == "log-probability"
            return Output(shape, (if (isLogarithm) stored.map(::exp) else stored).toDoubleArray())
        }

        private fun floats(from: Fields): FloatArray {
            val bytes = try {
                Base64.decode(from.text("float32"))
            } catch (error: IllegalArgumentException) {
                throw EdgeVitException.BadModelData("$FILE: ${error.message}", error)
            }
            val floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer()
            return FloatArray(floats.remaining()).also(floats::get)
        }
    }
}
