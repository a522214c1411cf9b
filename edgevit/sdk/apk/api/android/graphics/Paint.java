package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Paint {
  public Paint() {}
  public Paint(int a0) {}
  public Paint(android.graphics.Paint a0) {}
  public native void set(android.graphics.Paint a0);
  public native int getFlags();
  public native void setFlags(int a0);
  public native int getColor();
  public native void setColor(int a0);
  public native android.graphics.Typeface getTypeface();
  public native android.graphics.Typeface setTypeface(android.graphics.Typeface a0);
}
