package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Color {
  public static final int WHITE = -1;
  public Color() {}
  public static native int rgb(int a0, int a1, int a2);
}
