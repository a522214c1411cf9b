package dev.edgevit.core

import kotlin.io.encoding.Base64

/** Golden vectors that Python wrote: the same inputs, and the results that edgevit's Python side computes for them. */
internal object Vectors {
    fun bytes(name: String): ByteArray =
        requireNotNull(javaClass.getResourceAsStream("/vectors/$name")) { "no $name" }.use { it.readBytes() }

    /** The cases of one file, each a table of JSON values. */
    fun cases(name: String): List<Map<String, Json>> {
        val document = Json.parse(bytes("$name.json").decodeToString()) as Json.Table
        return (document.members.getValue("cases") as Json.Items).values.map { (it as Json.Table).members }
    }
}

internal fun Map<String, Json>.text(key: String): String = (getValue(key) as Json.Text).value

internal fun Map<String, Json>.number(key: String): Double = (getValue(key) as Json.Number).text.toDouble()

internal fun Map<String, Json>.size(key: String): Int = (getValue(key) as Json.Number).text.toInt()

internal fun Map<String, Json>.numbers(key: String): List<Double> =
    (getValue(key) as Json.Items).values.map { (it as Json.Number).text.toDouble() }

internal fun Map<String, Json>.data(key: String): ByteArray = Base64.decode(text(key))
