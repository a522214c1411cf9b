package dev.edgevit.core

/** A JSON value. Numbers keep their text, so that none is rounded before somebody asks for its value. */
public sealed interface Json {
    /** An object, in the order of the text. */
    public data class Table(public val members: Map<String, Json>) : Json

    /** An array. */
    public data class Items(public val values: List<Json>) : Json

    /** A string. */
    public data class Text(public val value: String) : Json

    /** A number as it is written. */
    public data class Number(public val text: String) : Json

    /** `true` or `false`. */
    public data class Flag(public val value: Boolean) : Json

    /** `null`. */
    public data object Null : Json

    public companion object {
        /**
         * Reads one JSON document (RFC 8259).
         *
         * @throws IllegalArgumentException where [text] is none, repeats a key, or nests deeper than 64 levels.
         */
        public fun parse(text: String): Json = JsonReader(text).document()
    }
}

/** Typed access to a table; errors name the file and the key. */
internal class Fields(private val file: String, private val table: Json.Table, private val path: String = "") {
    fun text(key: String): String = value<Json.Text>(key, "a text").value

    fun flag(key: String): Boolean = value<Json.Flag>(key, "true or false").value

    fun whole(key: String): Long =
        value<Json.Number>(key, "a number").text.toLongOrNull() ?: wrong(key, "a whole number")

    /** A whole number that fits an [Int]. */
    fun size(key: String): Int = whole(key).let {
        if (it in Int.MIN_VALUE..Int.MAX_VALUE) it.toInt() else wrong(key, "a sensible number")
    }

    fun number(key: String): Double = value<Json.Number>(key, "a number").text.toDouble()

    fun table(key: String): Fields = Fields(file, value(key, "an object"), "$path$key.")

    fun tables(key: String): List<Fields> =
        items(key) { item -> (item as? Json.Table)?.let { Fields(file, it, "$path$key.") } }

    fun texts(key: String): List<String> = items(key) { (it as? Json.Text)?.value }

    fun numbers(key: String): List<Double> = items(key) { (it as? Json.Number)?.text?.toDouble() }

    fun has(key: String): Boolean = key in table.members

    fun wrong(key: String, wanted: String): Nothing =
        throw EdgeVitException.BadModelData("$file: $path$key is not $wanted")

    private fun <T> items(key: String, read: (Json) -> T?): List<T> =
        value<Json.Items>(key, "a list").values.map { read(it) ?: wrong(key, "a list of one kind") }

    private inline fun <reified T : Json> value(key: String, wanted: String): T =
        table.members[key] as? T ?: wrong(key, wanted)

    companion object {
        /**
         * Reads the UTF-8 bytes of a file whose document is an object.
         *
         * @throws EdgeVitException.BadModelData where they are something else.
         */
        fun of(file: String, bytes: ByteArray): Fields {
            val document = try {
                Json.parse(bytes.decodeToString(throwOnInvalidSequence = true))
            } catch (error: IllegalArgumentException) {
                throw EdgeVitException.BadModelData("$file: ${error.message}", error)
            } catch (error: CharacterCodingException) {
                throw EdgeVitException.BadModelData("$file is not UTF-8", error)
            }
            return Fields(file, document as? Json.Table ?: throw EdgeVitException.BadModelData("$file is no object"))
        }
    }
}
