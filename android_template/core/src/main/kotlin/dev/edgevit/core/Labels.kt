package dev.edgevit.core

/** Class names, one a line, in the order of the model's output. */
public object Labels {
    /**
     * Reads the bytes of `labels.txt`: UTF-8, lines ended by a line feed alone, so that any other character, including
     * a carriage return or a Unicode line separator, stays part of its label.
     *
     * @throws EdgeVitException.BadModelData where the bytes are not UTF-8 or the count is not [classes].
     */
    public fun parse(data: ByteArray, classes: Int): List<String> {
        val text = try {
            data.decodeToString(throwOnInvalidSequence = true)
        } catch (error: CharacterCodingException) {
            throw EdgeVitException.BadModelData("labels.txt is not UTF-8", error)
        }
        val lines = text.split('\n').let { if (it.last().isEmpty()) it.dropLast(1) else it }
        if (lines.size != classes) {
            throw EdgeVitException.BadModelData("labels.txt has ${lines.size} lines for $classes classes")
        }
        return lines
    }
}
