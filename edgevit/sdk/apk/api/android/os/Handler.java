package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Handler {
  public Handler() {}
  public Handler(android.os.Handler.Callback a0) {}
  public Handler(android.os.Looper a0) {}
  public Handler(android.os.Looper a0, android.os.Handler.Callback a1) {}
  public final native boolean post(Runnable a0);

  public static interface Callback {
  }
}
