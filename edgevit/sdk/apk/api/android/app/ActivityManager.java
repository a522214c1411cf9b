package android.app;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ActivityManager {
  public native void getMemoryInfo(android.app.ActivityManager.MemoryInfo a0);
  public static native void getMyMemoryState(android.app.ActivityManager.RunningAppProcessInfo a0);

  public static class MemoryInfo implements android.os.Parcelable {
    public long availMem;
    public MemoryInfo() {}
  }

  public static class RunningAppProcessInfo implements android.os.Parcelable {
    public static final int IMPORTANCE_FOREGROUND = 100;
    public int importance;
    public RunningAppProcessInfo() {}
    public RunningAppProcessInfo(String a0, int a1, String[] a2) {}
  }
}
