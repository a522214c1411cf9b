package dev.edgevit.core

import java.nio.ByteBuffer

/**
 * One plane of a camera frame, as Android's `Image.Plane` describes it.
 *
 * @property bytes From the plane's first sample; its position and limit are left alone.
 * @property rowStride Bytes from one row to the next.
 * @property pixelStride Bytes from one sample to the next.
 */
public class YuvPlane(public val bytes: ByteBuffer, public val rowStride: Int, public val pixelStride: Int) {
    // One copy is many times faster than millions of single reads from the camera's memory.
    private val copy by lazy {
        val source = bytes.duplicate()
        source.rewind()
        ByteArray(source.remaining()).also { source.get(it) }
    }

    internal fun at(x: Int, y: Int): Int = copy[y * rowStride + x * pixelStride].toInt() and 0xFF
}

/** Camera frames: YUV 4:2:0 with full range and BT.601's matrix, which is JPEG's and what Android cameras give. */
public object Yuv {
    private const val FRACTION_BITS = 16
    private const val HALF = 1 shl (FRACTION_BITS - 1)

    /** BT.601's coefficients 1.402, 0.344136, 0.714136 and 1.772 in fixed point. */
    private const val RED_OF_V = 91881
    private const val GREEN_OF_U = 22554
    private const val GREEN_OF_V = 46802
    private const val BLUE_OF_U = 116130

    /**
     * Returns the frame as RGB; each chroma sample serves its 2 x 2 pixels.
     *
     * @throws EdgeVitException.UnreadableImage where a plane is too short for the size.
     */
    public fun toRgb(width: Int, height: Int, y: YuvPlane, u: YuvPlane, v: YuvPlane): RgbImage {
        if (width < 1 || height < 1) throw EdgeVitException.UnreadableImage("a frame of $width x $height pixels")
        check(y, width, height)
        check(u, (width + 1) / 2, (height + 1) / 2)
        check(v, (width + 1) / 2, (height + 1) / 2)
        val values = ByteArray(3 * width * height)
        for (row in 0 until height) {
            for (column in 0 until width) {
                val chromaU = u.at(column / 2, row / 2) - 128
                val chromaV = v.at(column / 2, row / 2) - 128
                write(values, 3 * (row * width + column), y.at(column, row), chromaU, chromaV)
            }
        }
        return RgbImage(width, height, values)
    }

    private fun write(values: ByteArray, at: Int, luma: Int, u: Int, v: Int) {
        val base = (luma shl FRACTION_BITS) + HALF
        values[at] = clipped(base + RED_OF_V * v)
        values[at + 1] = clipped(base - GREEN_OF_U * u - GREEN_OF_V * v)
        values[at + 2] = clipped(base + BLUE_OF_U * u)
    }

    private fun clipped(scaled: Int): Byte = (scaled shr FRACTION_BITS).coerceIn(0, 255).toByte()

    private fun check(plane: YuvPlane, width: Int, height: Int) {
        val last = (height - 1L) * plane.rowStride + (width - 1L) * plane.pixelStride
        if (plane.rowStride < 0 || plane.pixelStride < 1 || last >= plane.bytes.limit()) {
            throw EdgeVitException.UnreadableImage("a plane with ${plane.bytes.limit()} bytes")
        }
    }
}
