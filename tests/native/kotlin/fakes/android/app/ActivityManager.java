package android.app;

/** Memory. */
public class ActivityManager {
  public static class MemoryInfo {
    public long availMem;
  }

  public static class RunningAppProcessInfo {
    public int importance;
  }

  /** How important the system holds the app: 100 in the foreground, 400 when it may be killed. */
  public static int importance = 100;

  public static void getMyMemoryState(RunningAppProcessInfo info) {
    info.importance = importance;
  }

  public void getMemoryInfo(MemoryInfo info) {
    info.availMem = 3L << 30;
  }
}
