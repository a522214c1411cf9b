package android.content.res;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Resources {
  public Resources(android.content.res.AssetManager a0, android.util.DisplayMetrics a1, android.content.res.Configuration a2) {}
  public static native android.content.res.Resources getSystem();
  public native CharSequence getText(int a0);
  public native CharSequence getText(int a0, CharSequence a1);
  public native int getColor(int a0);
  public native int getColor(int a0, android.content.res.Resources.Theme a1);
  public native android.content.res.XmlResourceParser getLayout(int a0);
  public native void getValue(int a0, android.util.TypedValue a1, boolean a2);
  public native void getValue(String a0, android.util.TypedValue a1, boolean a2);
  public native android.content.res.Configuration getConfiguration();
  public final native android.content.res.AssetManager getAssets();

  public final static class Theme {
    public native void setTo(android.content.res.Resources.Theme a0);
    public native int getChangingConfigurations();
  }
}
