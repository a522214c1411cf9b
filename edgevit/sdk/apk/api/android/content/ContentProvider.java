package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class ContentProvider implements android.content.ComponentCallbacks2 {
  public ContentProvider() {}
  public final native android.content.Context getContext();
  public abstract boolean onCreate();
  public native void onConfigurationChanged(android.content.res.Configuration a0);
  public native void onLowMemory();
  public native void onTrimMemory(int a0);
  public abstract android.database.Cursor query(android.net.Uri a0, String[] a1, String a2, String[] a3, String a4);
  public native android.database.Cursor query(android.net.Uri a0, String[] a1, String a2, String[] a3, String a4, android.os.CancellationSignal a5);
  public abstract String getType(android.net.Uri a0);
  public abstract android.net.Uri insert(android.net.Uri a0, android.content.ContentValues a1);
  public abstract int delete(android.net.Uri a0, String a1, String[] a2);
  public abstract int update(android.net.Uri a0, android.content.ContentValues a1, String a2, String[] a3);
  public native android.os.ParcelFileDescriptor openFile(android.net.Uri a0, String a1);
  public native android.os.ParcelFileDescriptor openFile(android.net.Uri a0, String a1, android.os.CancellationSignal a2);
  public native void shutdown();
}
