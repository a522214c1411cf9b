package android.media;

import java.nio.ByteBuffer;

/** A camera frame. */
public class Image {
  public static class Plane {
    private final ByteBuffer buffer;
    private final int rowStride;
    private final int pixelStride;

    public Plane(ByteBuffer buffer, int rowStride, int pixelStride) {
      this.buffer = buffer;
      this.rowStride = rowStride;
      this.pixelStride = pixelStride;
    }

    public ByteBuffer getBuffer() {
      return buffer;
    }

    public int getRowStride() {
      return rowStride;
    }

    public int getPixelStride() {
      return pixelStride;
    }
  }

  private final int format;
  private final int width;
  private final int height;
  private final Plane[] planes;
  public boolean closed;

  public Image(int format, int width, int height, Plane... planes) {
    this.format = format;
    this.width = width;
    this.height = height;
    this.planes = planes;
  }

  public int getFormat() {
    if (closed) throw new IllegalStateException("Image is already closed");
    return format;
  }

  public int getWidth() {
    return width;
  }

  public int getHeight() {
    return height;
  }

  public Plane[] getPlanes() {
    return planes;
  }
}
