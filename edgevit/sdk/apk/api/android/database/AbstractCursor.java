package android.database;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class AbstractCursor implements android.database.CrossProcessCursor {
  public AbstractCursor() {}
  public abstract int getCount();
  public abstract short getShort(int a0);
  public abstract boolean isNull(int a0);
  public native int getType(int a0);
  public native android.database.CursorWindow getWindow();
  public native boolean isClosed();
  public native void close();
  public final native boolean isFirst();
  public final native boolean isLast();
}
