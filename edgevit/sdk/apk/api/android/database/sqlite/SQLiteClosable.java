package android.database.sqlite;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class SQLiteClosable implements java.io.Closeable {
  public SQLiteClosable() {}
  public native void close();
}
