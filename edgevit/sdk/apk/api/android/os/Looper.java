package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Looper {
  public static native void prepare();
  public static native android.os.Looper getMainLooper();
  public static native void loop();
  public native Thread getThread();
}
