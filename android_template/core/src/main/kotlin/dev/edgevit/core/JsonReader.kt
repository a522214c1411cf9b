package dev.edgevit.core

/** Reads JSON text by recursive descent. */
internal class JsonReader(private val text: String) {
    private var at = 0

    fun document(): Json {
        val value = value(0)
        skipSpace()
        require(at == text.length) { "something follows the document at $at" }
        return value
    }

    private fun value(depth: Int): Json {
        require(depth < MAX_DEPTH) { "nested deeper than $MAX_DEPTH levels" }
        skipSpace()
        return when (peek()) {
            '{' -> Json.Table(table(depth))
            '[' -> Json.Items(items(depth))
            '"' -> Json.Text(string())
            't' -> word("true", Json.Flag(true))
            'f' -> word("false", Json.Flag(false))
            'n' -> word("null", Json.Null)
            else -> number()
        }
    }

    private fun table(depth: Int): Map<String, Json> {
        val members = LinkedHashMap<String, Json>()
        sequence('{', '}') {
            skipSpace()
            val key = string()
            skipSpace()
            expect(':')
            require(members.put(key, value(depth + 1)) == null) { "a key that is repeated at $at" }
        }
        return members
    }

    private fun items(depth: Int): List<Json> {
        val values = ArrayList<Json>()
        sequence('[', ']') { values += value(depth + 1) }
        return values
    }

    private inline fun sequence(open: Char, close: Char, element: () -> Unit) {
        expect(open)
        skipSpace()
        if (peek() == close) {
            at++
            return
        }
        while (true) {
            element()
            skipSpace()
            if (peek() == close) break
            expect(',')
        }
        at++
    }

    private fun string(): String {
        expect('"')
        val result = StringBuilder()
        while (peek() != '"') {
            val next = text[at++]
            require(next >= ' ') { "a control character in a text at $at" }
            result.append(if (next == '\\') escaped() else next)
        }
        at++
        return result.toString()
    }

    private fun escaped(): Char {
        val kind = peek()
        at++
        if (kind != 'u') return requireNotNull(ESCAPES[kind]) { "an unknown escape at $at" }
        val digits = text.substring(at, minOf(at + 4, text.length))
        require(digits.length == 4 && digits.all { it.isHexDigit() }) { "a damaged escape at $at" }
        at += 4
        return digits.toInt(16).toChar()
    }

    private fun number(): Json.Number {
        val found = NUMBER.matchAt(text, at)?.value
        require(found != null) { "no value at $at" }
        at += found.length
        return Json.Number(found)
    }

    private fun word(word: String, value: Json): Json {
        require(text.startsWith(word, at)) { "no value at $at" }
        at += word.length
        return value
    }

    private fun peek(): Char {
        require(at < text.length) { "the text ends too early" }
        return text[at]
    }

    private fun expect(wanted: Char) {
        require(peek() == wanted) { "no '$wanted' at $at" }
        at++
    }

    private fun skipSpace() {
        while (at < text.length && text[at] in SPACE) at++
    }

    private fun Char.isHexDigit(): Boolean = this in '0'..'9' || this in 'a'..'f' || this in 'A'..'F'

    private companion object {
        const val MAX_DEPTH = 64
        const val SPACE = " \t\n\r"
        val NUMBER = Regex("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")
        val ESCAPES = mapOf(
            '"' to '"', '\\' to '\\', '/' to '/', 'b' to '\b', 'f' to '\u000C', 'n' to '\n', 'r' to '\r', 't' to '\t',
        )
    }
}
