package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class KeyEvent extends android.view.InputEvent implements android.os.Parcelable {
  public KeyEvent(int a0, int a1) {}
  public KeyEvent(long a0, long a1, int a2, int a3, int a4) {}
  public KeyEvent(long a0, long a1, int a2, int a3, int a4, int a5) {}
  public KeyEvent(long a0, long a1, int a2, int a3, int a4, int a5, int a6, int a7) {}
  public KeyEvent(long a0, long a1, int a2, int a3, int a4, int a5, int a6, int a7, int a8) {}
  public KeyEvent(long a0, long a1, int a2, int a3, int a4, int a5, int a6, int a7, int a8, int a9) {}
  public KeyEvent(long a0, String a1, int a2, int a3) {}
  public KeyEvent(android.view.KeyEvent a0) {}
  public KeyEvent(android.view.KeyEvent a0, long a1, int a2) {}
  public final native boolean isSystem();
  public final native int getFlags();
  public final native int getAction();
  public final native boolean dispatch(android.view.KeyEvent.Callback a0);
  public final native boolean dispatch(android.view.KeyEvent.Callback a0, android.view.KeyEvent.DispatcherState a1, Object a2);

  public static interface Callback {
  }

  public static class DispatcherState {
    public DispatcherState() {}
  }
}
