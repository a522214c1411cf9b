package dev.edgevit.core

import java.nio.ByteBuffer
import java.nio.ByteOrder
import kotlin.io.encoding.Base64

/**
 * What PyTorch computed on some photographs, from `golden.json`: with it the app proves on the device that it computes
 * the same.
 *
 * @property photos In the order of the file; empty where the library was built without.
 */
public class Golden private constructor(public val photos: List<Photo>) {
    /**
     * One photograph.
     *
     * @property name Its file is `<name>.png`.
     * @property pixelsSha256 Digest of the pixels that preprocessing must give.
     * @property outputs What PyTorch computed, one for each output of the model.
     */
    public class Photo internal constructor(
        public val name: String,
        public val pixelsSha256: String,
        internal val outputs: List<Output>,
    )

    /** Kept values of one output: all of them, or evenly spread ones. */
    internal class Output(val size: Int, val isLogProbability: Boolean, val kept: FloatArray)

    public companion object {
        /** The one `schema` that this code reads. */
        public const val SCHEMA: String = "edgevit-golden/1"

        private const val FILE = "golden.json"

        /**
         * Reads the bytes of `golden.json`.
         *
         * @throws EdgeVitException.BadModelData where they are not of this schema or contradict themselves.
         */
        public fun parse(json: ByteArray): Golden {
            val fields = Fields.of(FILE, json)
            if (!fields.has("schema")) return Golden(emptyList())
            if (fields.text("schema") != SCHEMA) fields.wrong("schema", SCHEMA)
            return Golden(fields.tables("photos").map(::photo))
        }

        private fun photo(from: Fields): Photo {
            val name = from.text("name")
            if (!Regex("[a-z0-9_]{1,64}").matches(name)) from.wrong("name", "a simple name")
            return Photo(name, from.text("pixels_sha256"), from.tables("outputs").map(::output))
        }

        private fun output(from: Fields): Output {
            val shape = from.numbers("shape").map { it.toInt() }
            val size = shape.fold(1L) { product, length -> product * length }
            val kept = floats(from)
            if (size !in 1..Int.MAX_VALUE || kept.isEmpty() || kept.size > size) from.wrong("shape", "its values' shape")
            return Output(size.toInt(), from.text("quantity") == "log-probability", kept)
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
