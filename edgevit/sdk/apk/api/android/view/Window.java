package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class Window {
  public Window(android.content.Context a0) {}
  public final native android.content.Context getContext();
  public native void setLayout(int a0, int a1);
  public native void setType(int a0);
  public native void setFormat(int a0);
  public native void addFlags(int a0);
  public native void setFlags(int a0, int a1);
  public final native boolean isActive();
  public abstract void setContentView(int a0);
  public abstract void setContentView(android.view.View a0);
  public abstract void setContentView(android.view.View a0, android.view.ViewGroup.LayoutParams a1);
  public abstract void onConfigurationChanged(android.content.res.Configuration a0);
  protected final native int getFeatures();

  public static interface Callback {
  }
}
