package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class BitmapFactory {
  public BitmapFactory() {}
  public static native android.graphics.Bitmap decodeByteArray(byte[] a0, int a1, int a2, android.graphics.BitmapFactory.Options a3);
  public static native android.graphics.Bitmap decodeByteArray(byte[] a0, int a1, int a2);

  public static class Options {
    public android.graphics.Bitmap.Config inPreferredConfig;
    public Options() {}
  }
}
