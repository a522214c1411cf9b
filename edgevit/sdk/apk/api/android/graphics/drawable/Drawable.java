package android.graphics.drawable;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class Drawable {
  public Drawable() {}
  public native void setChangingConfigurations(int a0);
  public native int getChangingConfigurations();
  public native boolean setState(int[] a0);
  public native int[] getState();
  public final native boolean setLevel(int a0);
  public final native int getLevel();
  public native boolean setVisible(boolean a0, boolean a1);
  public final native boolean isVisible();

  public static interface Callback {
  }
}
