package dev.edgevit.core

/**
 * One output of the model, for example a stage map of `--head features`.
 *
 * @property name Name of the output, for example `stage1`.
 * @property shape Lengths of the axes; batch, height, width, channels for a stage map, as TFLite has them.
 * @property values The values in row-major order of [shape].
 */
public class OutputArray(public val name: String, public val shape: List<Int>, public val values: FloatArray) {
    /** The values with channels before height and width, the order of PyTorch; other shapes stay as they are. */
    internal fun channelsFirst(): FloatArray {
        if (shape.size != 4) return values
        val (_, height, width, channels) = shape
        val plane = height * width
        return FloatArray(values.size) { index ->
            val image = index / (plane * channels)
            val within = index % (plane * channels)
            values[image * plane * channels + within % plane * channels + within / plane]
        }
    }
}
