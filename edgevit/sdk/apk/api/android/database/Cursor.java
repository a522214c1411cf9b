package android.database;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface Cursor extends java.io.Closeable {
  public abstract int getCount();
  public abstract boolean isFirst();
  public abstract boolean isLast();
  public abstract short getShort(int a0);
  public abstract int getType(int a0);
  public abstract boolean isNull(int a0);
  public abstract void close();
  public abstract boolean isClosed();
}
