package dev.edgevit.core

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class JsonTest {
    @Test
    fun `every kind of value is read`() {
        val text = """ {"a": [1, -2.5e+3, true, false, null], "b\n\u00e9\ud83e\udd8e\/": {"c": "\"\\"}, "d": []} """
        val expected = Json.Table(
            mapOf(
                "a" to Json.Items(
                    listOf(Json.Number("1"), Json.Number("-2.5e+3"), Json.Flag(true), Json.Flag(false), Json.Null),
                ),
                "b\n\u00e9\uD83E\uDD8E/" to Json.Table(mapOf("c" to Json.Text("\"\\"))),
                "d" to Json.Items(emptyList()),
            ),
        )
        assertEquals(expected, Json.parse(text))
    }

    @Test
    fun `what is not JSON is refused`() {
        val texts = listOf(
            "", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{,}", "\"a", "\"\t\"", "\"\\x\"", "\"\\u12g4\"",
            "\"\\u12", "01", "+1", "1.", ".5", "1e", "--1", "NaN", "tru", "nul", "1 2", "{\"a\":1,\"a\":2}", "'a'",
            "[".repeat(100),
        )
        for (text in texts) assertThrows(text, IllegalArgumentException::class.java) { Json.parse(text) }
    }
}
