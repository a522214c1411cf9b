package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Canvas {
  public Canvas() {}
  public Canvas(android.graphics.Bitmap a0) {}
  public native void setBitmap(android.graphics.Bitmap a0);
  public native int getWidth();
  public native int getHeight();
  public native void drawRect(android.graphics.RectF a0, android.graphics.Paint a1);
  public native void drawRect(android.graphics.Rect a0, android.graphics.Paint a1);
  public native void drawRect(float a0, float a1, float a2, float a3, android.graphics.Paint a4);
}
