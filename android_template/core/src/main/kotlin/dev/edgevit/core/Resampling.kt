package dev.edgevit.core

/**
 * Resizes to [size] and keeps [crop] of the result; only the pixels that are kept are computed.
 *
 * @param size Of the whole resized image, at least 1 x 1.
 * @param crop Part of the resized image, inside it.
 */
public fun RgbImage.resized(size: PixelSize, crop: PixelRect): RgbImage {
    val columns = Bicubic.Weights(width, size.width, crop.left until crop.left + crop.width)
    val rows = Bicubic.Weights(height, size.height, crop.top until crop.top + crop.height)
    return resampledColumns(columns, rowsNeeded(rows)).resampledRows(rows)
}

/** The input rows that [rows] reads; for a narrow crop of a tall image most are never looked at. */
private fun rowsNeeded(rows: Bicubic.Weights): IntRange =
    rows.starts.min() until rows.starts.indices.maxOf { rows.starts[it] + rows.counts[it] }

private fun RgbImage.resampledColumns(weights: Bicubic.Weights, rows: IntRange): RgbImage {
    val target = ByteArray(3 * weights.size * height)
    for (y in rows) {
        for (x in 0 until weights.size) {
            val first = 3 * (y * width + weights.starts[x])
            val to = 3 * (y * weights.size + x)
            for (channel in 0 until 3) {
                target[to + channel] = Bicubic.mix(values, first + channel, 3, weights, x, weights.counts[x])
            }
        }
    }
    return RgbImage(weights.size, height, target)
}

private fun RgbImage.resampledRows(weights: Bicubic.Weights): RgbImage {
    val row = 3 * width
    val target = ByteArray(row * weights.size)
    for (y in 0 until weights.size) {
        val first = row * weights.starts[y]
        for (offset in 0 until row) {
            target[row * y + offset] = Bicubic.mix(values, first + offset, row, weights, y, weights.counts[y])
        }
    }
    return RgbImage(width, weights.size, target)
}
