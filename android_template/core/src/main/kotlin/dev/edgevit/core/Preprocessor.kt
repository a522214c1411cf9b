package dev.edgevit.core

import kotlin.math.round

/**
 * From a photograph of any size to the pixels that the model expects: resize, then keep the centre.
 *
 * The normalization is inside the model, so these pixels are plain 8-bit RGB.
 *
 * @property width The model's input width in pixels.
 * @property height The model's input height in pixels.
 * @property cropFraction Share of the resized image that the crop keeps.
 */
public data class Preprocessor(val width: Int, val height: Int, val cropFraction: Double) {
    public constructor(input: ModelInfo.Input) : this(input.width, input.height, input.cropFraction)

    /** The size to resize an image to, and the part to keep. */
    public fun plan(imageWidth: Int, imageHeight: Int): Pair<PixelSize, PixelRect> {
        val size = resizedSize(imageWidth, imageHeight)
        val left = halfRoundedToEven(size.width - width)
        val top = halfRoundedToEven(size.height - height)
        return size to PixelRect(left, top, width, height)
    }

    /** The model's pixels of [image]. */
    public operator fun invoke(image: RgbImage): RgbImage {
        val (size, crop) = plan(image.width, image.height)
        return image.resized(size, crop)
    }

    /**
     * The smallest size with the image's proportions that covers the model's input divided by the crop's share; which
     * side limits it is decided in whole numbers, as in Python.
     */
    private fun resizedSize(imageWidth: Int, imageHeight: Int): PixelSize {
        val boxWidth = (width / cropFraction).toInt()
        val boxHeight = (height / cropFraction).toInt()
        if (imageWidth.toLong() * boxHeight >= imageHeight.toLong() * boxWidth) {
            return PixelSize(maxOf(proportional(boxHeight, imageWidth, imageHeight), boxWidth), boxHeight)
        }
        return PixelSize(boxWidth, maxOf(proportional(boxWidth, imageHeight, imageWidth), boxHeight))
    }

    private fun proportional(side: Int, numerator: Int, denominator: Int): Int {
        val length = side.toLong() * numerator / denominator
        if (length > Int.MAX_VALUE) throw EdgeVitException.UnreadableImage("it is too narrow")
        return length.toInt()
    }

    /** Half of an even or odd [margin], halves going to the even neighbour as Python's `round` has it. */
    private fun halfRoundedToEven(margin: Int): Int = round(margin / 2.0).toInt()
}
