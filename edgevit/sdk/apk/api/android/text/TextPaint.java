package android.text;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class TextPaint extends android.graphics.Paint {
  public TextPaint() {}
  public TextPaint(int a0) {}
  public TextPaint(android.graphics.Paint a0) {}
  public native void set(android.text.TextPaint a0);
}
