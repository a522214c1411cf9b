package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ContextWrapper extends android.content.Context {
  public ContextWrapper(android.content.Context a0) {}
  public native android.content.res.AssetManager getAssets();
  public native android.content.ContentResolver getContentResolver();
  public native android.os.Looper getMainLooper();
  public native android.content.Context getApplicationContext();
  public native android.content.pm.ApplicationInfo getApplicationInfo();
  public native java.io.File getFilesDir();
  public native java.io.File getExternalFilesDir(String a0);
  public native void startActivity(android.content.Intent a0);
  public native void startActivity(android.content.Intent a0, android.os.Bundle a1);
  public native Object getSystemService(String a0);
}
