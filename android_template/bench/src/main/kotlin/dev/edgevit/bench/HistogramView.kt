package dev.edgevit.bench

import android.content.Context
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.view.View
import dev.edgevit.core.probe.Histogram

/** Draws how often which duration was measured. */
internal class HistogramView(context: Context) : View(context) {
    private val paint = Paint().apply { color = Color.rgb(0x1F, 0x6F, 0xEB) }

    var histogram: Histogram? = null
        set(value) {
            field = value
            invalidate()
        }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        setMeasuredDimension(width, width / 3)
    }

    override fun onDraw(canvas: Canvas) {
        val counts = histogram?.counts ?: return
        val most = counts.max().coerceAtLeast(1)
        val step = width.toFloat() / counts.size
        counts.forEachIndexed { place, count ->
            val top = height * (1 - count.toFloat() / most)
            canvas.drawRect(place * step, top, (place + 1) * step - 1, height.toFloat(), paint)
        }
    }
}
