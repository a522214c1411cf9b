package dev.edgevit.sdk

import android.graphics.Bitmap
import android.graphics.ImageFormat
import android.media.Image
import android.os.Build
import dev.edgevit.core.EdgeVitException
import dev.edgevit.core.RgbImage
import dev.edgevit.core.Yuv
import dev.edgevit.core.YuvPlane

/** As in Python; a larger one would not fit an app's memory three times over. */
private const val MOST_PIXELS = 40_000_000L

/**
 * Copies a bitmap's stored colours; transparency lies on black.
 *
 * @throws EdgeVitException.UnreadableImage where it is recycled, has more than 40 million pixels, or none that can be
 *   read.
 */
public fun Bitmap.toRgbImage(): RgbImage {
    if (isRecycled) throw EdgeVitException.UnreadableImage("the bitmap is recycled")
    if (width.toLong() * height > MOST_PIXELS) throw EdgeVitException.UnreadableImage("it has over 40 million pixels")
    val readable = if (isOnGpu()) copy(Bitmap.Config.ARGB_8888, false) else this
    if (readable == null) throw EdgeVitException.UnreadableImage("the bitmap cannot be copied from the GPU")
    val pixels = IntArray(width * height)
    readable.getPixels(pixels, 0, width, 0, 0, width, height)
    if (readable !== this) readable.recycle()
    return RgbImage.ofPackedPixels(width, height, pixels, hasAlpha())
}

private fun Bitmap.isOnGpu(): Boolean =
    Build.VERSION.SDK_INT >= Build.VERSION_CODES.O && config == Bitmap.Config.HARDWARE

/**
 * Copies a camera frame.
 *
 * @throws EdgeVitException.UnreadableImage for another format than `YUV_420_888`, or a closed frame.
 */
public fun Image.toRgbImage(): RgbImage = try {
    copied()
} catch (error: IllegalStateException) { // what all of its members throw once it is closed
    throw EdgeVitException.UnreadableImage("the frame is closed", error)
}

private fun Image.copied(): RgbImage {
    if (format != ImageFormat.YUV_420_888) {
        throw EdgeVitException.UnreadableImage("a frame of format $format instead of YUV_420_888")
    }
    val (y, u, v) = planes.map { YuvPlane(it.buffer, it.rowStride, it.pixelStride) }
    return Yuv.toRgb(width, height, y, u, v)
}
