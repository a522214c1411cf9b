package android.app;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Application extends android.content.ContextWrapper implements android.content.ComponentCallbacks2 {
  public Application() {}
  public native void onCreate();
  public native void onConfigurationChanged(android.content.res.Configuration a0);
  public native void onLowMemory();
  public native void onTrimMemory(int a0);
  public native void registerComponentCallbacks(android.content.ComponentCallbacks a0);
  public native void unregisterComponentCallbacks(android.content.ComponentCallbacks a0);
  public native void registerActivityLifecycleCallbacks(android.app.Application.ActivityLifecycleCallbacks a0);
  public native void unregisterActivityLifecycleCallbacks(android.app.Application.ActivityLifecycleCallbacks a0);

  public static interface ActivityLifecycleCallbacks {
    public abstract void onActivityCreated(android.app.Activity a0, android.os.Bundle a1);
    public abstract void onActivityStarted(android.app.Activity a0);
    public abstract void onActivityResumed(android.app.Activity a0);
    public abstract void onActivityPaused(android.app.Activity a0);
    public abstract void onActivityStopped(android.app.Activity a0);
    public abstract void onActivitySaveInstanceState(android.app.Activity a0, android.os.Bundle a1);
    public abstract void onActivityDestroyed(android.app.Activity a0);
  }
}
