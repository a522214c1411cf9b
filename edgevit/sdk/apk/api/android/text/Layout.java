package android.text;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class Layout {
  protected Layout(CharSequence a0, android.text.TextPaint a1, int a2, android.text.Layout.Alignment a3, float a4, float a5) {}
  public final native CharSequence getText();
  public final native android.text.TextPaint getPaint();
  public final native int getWidth();
  public native int getHeight();

  public static enum Alignment { ALIGN_CENTER, ALIGN_NORMAL, ALIGN_OPPOSITE }
}
