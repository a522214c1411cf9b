package dev.edgevit.core

import dev.edgevit.core.ModelInfo.PixelType

/**
 * What goes into the model's input, in the type that its file takes: levels of red, green and blue from 0 to 255.
 *
 * Made once and filled for each run. The normalization is inside the model.
 */
public class InputValues(input: ModelInfo.Input) {
    private val count = 3 * input.width * input.height
    private val batch = input.batch
    private val type = input.type

    /** The levels, for a file that takes bytes; else empty. */
    public val bytes: ByteArray = ByteArray(if (type == PixelType.UINT8) batch * count else 0)

    /** The levels, for a file that takes floats; else empty. */
    public val floats: FloatArray = FloatArray(if (type == PixelType.FLOAT32) batch * count else 0)

    /** Takes one image of the model's input size, or as many as it takes at once; the last one fills up the rest. */
    public fun fill(images: List<RgbImage>) {
        for (place in 0 until batch) put(images[minOf(place, images.lastIndex)].values, place * count)
    }

    private fun put(levels: ByteArray, start: Int) {
        when (type) {
            PixelType.UINT8 -> levels.copyInto(bytes, start)
            PixelType.FLOAT32 -> for (at in levels.indices) floats[start + at] = (levels[at].toInt() and 0xFF).toFloat()
        }
    }
}
