package android.graphics;

/** Members that are used, some newer than the API jar. */
public final class Bitmap {
  public enum Config {
    ALPHA_8, RGB_565, ARGB_4444, ARGB_8888, RGBA_F16, HARDWARE
  }

  public static Bitmap createBitmap(int width, int height, Config config) { throw new RuntimeException("Stub!"); }

  public void recycle() { throw new RuntimeException("Stub!"); }

  public boolean isRecycled() { throw new RuntimeException("Stub!"); }

  public Config getConfig() { throw new RuntimeException("Stub!"); }

  public Bitmap copy(Config config, boolean isMutable) { throw new RuntimeException("Stub!"); }

  public int getWidth() { throw new RuntimeException("Stub!"); }

  public int getHeight() { throw new RuntimeException("Stub!"); }

  public boolean hasAlpha() { throw new RuntimeException("Stub!"); }

  public void getPixels(int[] pixels, int offset, int stride, int x, int y, int width, int height) {
    throw new RuntimeException("Stub!");
  }
}
