package android.database;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class CursorWindow extends android.database.sqlite.SQLiteClosable implements android.os.Parcelable {
  public CursorWindow(String a0) {}
  public CursorWindow(boolean a0) {}
  public native void clear();
  public native boolean isNull(int a0, int a1);
  public native int getType(int a0, int a1);
  public native short getShort(int a0, int a1);
}
