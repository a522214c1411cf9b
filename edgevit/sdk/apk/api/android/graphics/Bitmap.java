package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Bitmap {
  public Bitmap() {}
  public native void recycle();
  public native boolean isRecycled();
  public native android.graphics.Bitmap.Config getConfig();
  public native android.graphics.Bitmap copy(android.graphics.Bitmap.Config a0, boolean a1);
  public native int getWidth();
  public native int getHeight();
  public native boolean hasAlpha();
  public native void getPixels(int[] a0, int a1, int a2, int a3, int a4, int a5, int a6);

  public static enum Config { ALPHA_8, RGB_565, ARGB_4444, ARGB_8888, RGBA_F16, HARDWARE }
}
