package android.app;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ActivityManager {
  public native void getMemoryInfo(android.app.ActivityManager.MemoryInfo a0);

  public static class MemoryInfo implements android.os.Parcelable {
    public long availMem;
    public MemoryInfo() {}
  }
}
