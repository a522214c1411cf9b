package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ParcelFileDescriptor implements android.os.Parcelable,java.io.Closeable {
  public static final int MODE_READ_ONLY = 268435456;
  public ParcelFileDescriptor(android.os.ParcelFileDescriptor a0) {}
  public static native android.os.ParcelFileDescriptor open(java.io.File a0, int a1);
  public static native android.os.ParcelFileDescriptor open(java.io.File a0, int a1, android.os.Handler a2, android.os.ParcelFileDescriptor.OnCloseListener a3);
  public native void close();

  public static interface OnCloseListener {
  }
}
