package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ImageFormat {
  public static final int YUV_420_888 = 35;
  public ImageFormat() {}
}
