package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Typeface {
  public static android.graphics.Typeface MONOSPACE;
  public static native android.graphics.Typeface create(String a0, int a1);
  public static native android.graphics.Typeface create(android.graphics.Typeface a0, int a1);
}
