package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface WindowManager extends android.view.ViewManager {
  public static class LayoutParams extends android.view.ViewGroup.LayoutParams implements android.os.Parcelable {
    public static final int FLAG_KEEP_SCREEN_ON = 128;
    public int flags;
    public int format;
    public int y;
    public LayoutParams() {}
    public LayoutParams(int a0) {}
    public LayoutParams(int a0, int a1) {}
    public LayoutParams(int a0, int a1, int a2) {}
    public LayoutParams(int a0, int a1, int a2, int a3, int a4) {}
    public LayoutParams(int a0, int a1, int a2, int a3, int a4, int a5, int a6) {}
    public LayoutParams(android.os.Parcel a0) {}
  }
}
