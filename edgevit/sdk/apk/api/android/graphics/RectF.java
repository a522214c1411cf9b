package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class RectF implements android.os.Parcelable {
  public float top;
  public RectF() {}
  public RectF(float a0, float a1, float a2, float a3) {}
  public RectF(android.graphics.RectF a0) {}
  public RectF(android.graphics.Rect a0) {}
  public final native boolean isEmpty();
  public final native float width();
  public final native float height();
  public native void setEmpty();
  public native void set(float a0, float a1, float a2, float a3);
  public native void set(android.graphics.RectF a0);
  public native void set(android.graphics.Rect a0);
}
