package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class ContentResolver {
  public ContentResolver(android.content.Context a0) {}
  public final native String getType(android.net.Uri a0);
  public final native android.database.Cursor query(android.net.Uri a0, String[] a1, String a2, String[] a3, String a4);
  public final native android.database.Cursor query(android.net.Uri a0, String[] a1, String a2, String[] a3, String a4, android.os.CancellationSignal a5);
  public final native java.io.OutputStream openOutputStream(android.net.Uri a0);
  public final native java.io.OutputStream openOutputStream(android.net.Uri a0, String a1);
  public final native android.net.Uri insert(android.net.Uri a0, android.content.ContentValues a1);
  public final native int delete(android.net.Uri a0, String a1, String[] a2);
  public final native int update(android.net.Uri a0, android.content.ContentValues a1, String a2, String[] a3);
}
