package android.graphics;

/** Packed pixels. */
public final class Bitmap {
  public enum Config {
    ALPHA_8, RGB_565, ARGB_4444, ARGB_8888, RGBA_F16, HARDWARE
  }

  private final int[] pixels;
  private final int width;
  private final boolean hasAlpha;
  private final Config config;
  public boolean recycled;

  public Bitmap(int width, int[] pixels, boolean hasAlpha, Config config) {
    this.width = width;
    this.pixels = pixels;
    this.hasAlpha = hasAlpha;
    this.config = config;
  }

  public void recycle() {
    recycled = true;
  }

  public boolean isRecycled() {
    return recycled;
  }

  public Config getConfig() {
    return config;
  }

  public Bitmap copy(Config config, boolean isMutable) {
    return new Bitmap(width, pixels, hasAlpha, config);
  }

  public int getWidth() {
    return width;
  }

  public int getHeight() {
    return pixels.length / width;
  }

  public boolean hasAlpha() {
    return hasAlpha;
  }

  public void getPixels(int[] target, int offset, int stride, int x, int y, int width, int height) {
    if (config == Config.HARDWARE) throw new IllegalStateException("unable to getPixels(), Config#HARDWARE");
    System.arraycopy(pixels, 0, target, offset, pixels.length);
  }
}
