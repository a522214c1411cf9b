package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class LayoutInflater {
  protected LayoutInflater(android.content.Context a0) {}
  protected LayoutInflater(android.view.LayoutInflater a0, android.content.Context a1) {}
  public static native android.view.LayoutInflater from(android.content.Context a0);
  public native android.content.Context getContext();

  public static interface Factory {
  }

  public static interface Factory2 extends android.view.LayoutInflater.Factory {
  }
}
