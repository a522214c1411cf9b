package android.util;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Log {
  public static native int v(String a0, String a1);
  public static native int v(String a0, String a1, Throwable a2);
  public static native int i(String a0, String a1);
  public static native int i(String a0, String a1, Throwable a2);
  public static native int e(String a0, String a1);
  public static native int e(String a0, String a1, Throwable a2);
}
