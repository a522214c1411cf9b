package android.util;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class DisplayMetrics {
  public DisplayMetrics() {}
  public native void setTo(android.util.DisplayMetrics a0);
}
