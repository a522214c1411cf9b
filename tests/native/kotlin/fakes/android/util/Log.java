package android.util;

import java.util.concurrent.LinkedBlockingQueue;

/** What was logged, for the test to wait on. */
public final class Log {
  public static final LinkedBlockingQueue<String> LINES = new LinkedBlockingQueue<>();

  public static int i(String tag, String line) {
    LINES.add(tag + ": " + line);
    return 0;
  }

  public static int e(String tag, String line) {
    return i(tag, line);
  }
}
