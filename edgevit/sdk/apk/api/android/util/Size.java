package android.util;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Size {
  public Size(int a0, int a1) {}
  public native int getWidth();
  public native int getHeight();
}
