package android.database;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class MatrixCursor extends android.database.AbstractCursor {
  public MatrixCursor(String[] a0, int a1) {}
  public MatrixCursor(String[] a0) {}
  public native void addRow(Object[] a0);
  public native void addRow(Iterable<?> a0);
  public native int getCount();
  public native short getShort(int a0);
  public native int getType(int a0);
  public native boolean isNull(int a0);
}
