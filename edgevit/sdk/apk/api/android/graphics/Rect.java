package android.graphics;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Rect implements android.os.Parcelable {
  public int top;
  public Rect() {}
  public Rect(int a0, int a1, int a2, int a3) {}
  public Rect(android.graphics.Rect a0) {}
  public final native boolean isEmpty();
  public final native int width();
  public final native int height();
  public native void setEmpty();
  public native void set(int a0, int a1, int a2, int a3);
  public native void set(android.graphics.Rect a0);
}
