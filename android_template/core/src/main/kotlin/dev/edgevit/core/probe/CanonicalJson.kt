package dev.edgevit.core.probe

/**
 * JSON that is the same bytes whoever writes it: sorted keys, no spaces, whole numbers only.
 *
 * Reports are compared and signed by their bytes on three systems whose JSON writers differ in their spaces, slashes
 * and floating-point numbers; so there are none of these. Absent values are left out.
 */
internal object CanonicalJson {
    private val ESCAPES = mapOf(
        '"' to "\\\"", '\\' to "\\\\", '\n' to "\\n", '\r' to "\\r", '\t' to "\\t", '\b' to "\\b", '\u000C' to "\\f",
    )

    /** The text of maps with text keys, iterables, texts, whole numbers and booleans; null members are left out. */
    fun encode(value: Any): String = StringBuilder().also { append(it, value) }.toString()

    private fun append(to: StringBuilder, value: Any) {
        when (value) {
            is String -> appendQuoted(to, value)
            is Boolean, is Int, is Long -> to.append(value)
            is Map<*, *> -> appendTable(to, value)
            is Iterable<*> -> appendJoined(to, '[', ']', value) { append(to, requireNotNull(it)) }
            else -> throw IllegalArgumentException("no JSON for a ${value.javaClass.simpleName}")
        }
    }

    private fun appendTable(to: StringBuilder, table: Map<*, *>) {
        val members = table.entries.filter { it.value != null }.sortedBy { it.key as String }
        appendJoined(to, '{', '}', members) { (key, value) ->
            appendQuoted(to, key as String)
            to.append(':')
            append(to, requireNotNull(value))
        }
    }

    private fun <T> appendJoined(to: StringBuilder, open: Char, close: Char, items: Iterable<T>, each: (T) -> Unit) {
        to.append(open)
        items.forEachIndexed { index, item ->
            if (index > 0) to.append(',')
            each(item)
        }
        to.append(close)
    }

    private fun appendQuoted(to: StringBuilder, text: String) {
        to.append('"')
        for (char in text) {
            val escape = ESCAPES[char]
            when {
                escape != null -> to.append(escape)
                char < ' ' -> to.append("\\u").append(char.code.toString(16).padStart(4, '0'))
                else -> to.append(char)
            }
        }
        to.append('"')
    }
}
