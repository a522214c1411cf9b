package android.content.res;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class AssetFileDescriptor implements android.os.Parcelable,java.io.Closeable {
  public AssetFileDescriptor(android.os.ParcelFileDescriptor a0, long a1, long a2) {}
  public AssetFileDescriptor(android.os.ParcelFileDescriptor a0, long a1, long a2, android.os.Bundle a3) {}
  public native long getStartOffset();
  public native long getLength();
  public native void close();
  public native java.io.FileInputStream createInputStream();
}
