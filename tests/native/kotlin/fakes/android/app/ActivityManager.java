package android.app;

/** Memory. */
public class ActivityManager {
  public static class MemoryInfo {
    public long availMem;
  }

  public void getMemoryInfo(MemoryInfo info) {
    info.availMem = 3L << 30;
  }
}
