package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Debug {
  public static native void getMemoryInfo(android.os.Debug.MemoryInfo a0);
  public static native long getPss();

  public static class MemoryInfo implements android.os.Parcelable {
    public MemoryInfo() {}
  }
}
