package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Process {
  public Process() {}
  public static final native int myTid();
  public static final native void setThreadPriority(int a0, int a1);
  public static final native void setThreadPriority(int a0);
  public static final native int getThreadPriority(int a0);
}
