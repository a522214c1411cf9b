package dev.edgevit.core

/**
 * How stored pixels must be turned for display.
 *
 * @property exif The value of Exif's tag.
 */
public enum class Orientation(public val exif: Int) {
    UP(1),
    UP_MIRRORED(2),
    DOWN(3),
    DOWN_MIRRORED(4),
    LEFT_MIRRORED(5),
    RIGHT(6),
    RIGHT_MIRRORED(7),
    LEFT(8),
    ;

    private val swapsSides: Boolean get() = exif >= LEFT_MIRRORED.exif

    /** Where the pixel at ([x], [y]) of the upright image is stored, counted in pixels. */
    private fun source(x: Int, y: Int, width: Int, height: Int): Int = when (this) {
        UP -> y * width + x
        UP_MIRRORED -> y * width + width - 1 - x
        DOWN -> (height - 1 - y) * width + width - 1 - x
        DOWN_MIRRORED -> (height - 1 - y) * width + x
        LEFT_MIRRORED -> x * width + y
        RIGHT -> (height - 1 - x) * width + y
        RIGHT_MIRRORED -> (height - 1 - x) * width + width - 1 - y
        LEFT -> x * width + width - 1 - y
    }

    /** [image] as it is meant to be seen. */
    public fun upright(image: RgbImage): RgbImage {
        if (this == UP) return image
        val width = if (swapsSides) image.height else image.width
        val height = if (swapsSides) image.width else image.height
        val first = source(0, 0, image.width, image.height)
        val right = source(1, 0, image.width, image.height) - first
        val down = source(0, 1, image.width, image.height) - first
        val target = ByteArray(image.values.size)
        for (y in 0 until height) {
            for (x in 0 until width) {
                val from = 3 * (first + x * right + y * down)
                image.values.copyInto(target, 3 * (y * width + x), from, from + 3)
            }
        }
        return RgbImage(width, height, target)
    }

    public companion object {
        /** The orientation of an Exif tag's value; [UP] for values that Exif does not have. */
        public fun ofExif(value: Int): Orientation = entries.firstOrNull { it.exif == value } ?: UP

        /**
         * The orientation of pixels that must be turned clockwise by [degrees], as cameras tell it.
         *
         * @throws IllegalArgumentException for anything but 0, 90, 180 and 270.
         */
        public fun ofRotation(degrees: Int): Orientation = when (degrees) {
            0 -> UP
            90 -> RIGHT
            180 -> DOWN
            270 -> LEFT
            else -> throw IllegalArgumentException("a rotation of $degrees degrees")
        }
    }
}
