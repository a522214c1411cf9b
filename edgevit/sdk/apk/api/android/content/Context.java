package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class Context {
  public static final String ACTIVITY_SERVICE = "activity";
  public static final String BATTERY_SERVICE = "batterymanager";
  public static final String POWER_SERVICE = "power";
  public Context() {}
  public abstract android.content.res.AssetManager getAssets();
  public abstract android.content.ContentResolver getContentResolver();
  public abstract android.os.Looper getMainLooper();
  public abstract android.content.Context getApplicationContext();
  public native void registerComponentCallbacks(android.content.ComponentCallbacks a0);
  public native void unregisterComponentCallbacks(android.content.ComponentCallbacks a0);
  public final native CharSequence getText(int a0);
  public final native int getColor(int a0);
  public abstract android.content.pm.ApplicationInfo getApplicationInfo();
  public abstract java.io.File getFilesDir();
  public abstract java.io.File getExternalFilesDir(String a0);
  public abstract void startActivity(android.content.Intent a0);
  public abstract void startActivity(android.content.Intent a0, android.os.Bundle a1);
  public abstract Object getSystemService(String a0);
  public final native <T> T getSystemService(Class<T> a0);
}
