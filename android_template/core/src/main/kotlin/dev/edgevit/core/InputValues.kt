package dev.edgevit.core

import dev.edgevit.core.ModelInfo.PixelType

/**
 * What goes into the model's input, in the type that its file takes: levels of red, green and blue from 0 to 255.
 *
 * Made once and filled for each run. The normalization is inside the model.
 */
public class InputValues(input: ModelInfo.Input) {
    private val count = 3 * input.width * input.height
    private val type = input.type

    /** The levels, for a file that takes bytes; else empty. */
    public val bytes: ByteArray = ByteArray(if (type == PixelType.UINT8) count else 0)

    /** The levels, for a file that takes floats; else empty. */
    public val floats: FloatArray = FloatArray(if (type == PixelType.FLOAT32) count else 0)

    /** Takes the levels of an image of the model's input size. */
    public fun fill(image: RgbImage) {
        val levels = image.values
        when (type) {
            PixelType.UINT8 -> levels.copyInto(bytes)
            PixelType.FLOAT32 -> for (at in floats.indices) floats[at] = (levels[at].toInt() and 0xFF).toFloat()
        }
    }
}
