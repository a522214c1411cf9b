package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface ComponentCallbacks {
  public abstract void onConfigurationChanged(android.content.res.Configuration a0);
  public abstract void onLowMemory();
}
