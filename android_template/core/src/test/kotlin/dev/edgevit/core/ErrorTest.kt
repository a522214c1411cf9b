package dev.edgevit.core

import org.junit.Assert.assertTrue
import org.junit.Test

class ErrorTest {
    @Test
    fun `each says what happened and what to do`() {
        val all = listOf(
            EdgeVitException.MissingResource("X"), EdgeVitException.BadModelData("X"),
            EdgeVitException.UnreadableImage("X"), EdgeVitException.ModelUnavailable("X"),
            EdgeVitException.PredictionFailed("X"), EdgeVitException.UnexpectedOutput("X"),
            EdgeVitException.WrongHead("X", "logits"),
        )
        for (error in all) {
            assertTrue(error.toString(), "X" in error.message.orEmpty())
            assertTrue(error.toString(), error.suggestion.endsWith("."))
        }
        assertTrue(EdgeVitException.Closed().suggestion.endsWith("."))
    }
}
