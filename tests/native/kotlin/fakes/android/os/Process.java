package android.os;

/** Threads. */
public class Process {
  public static int myTid() {
    return 1;
  }

  public static int getThreadPriority(int tid) {
    return 0;
  }
}
