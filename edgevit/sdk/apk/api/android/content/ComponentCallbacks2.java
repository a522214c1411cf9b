package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface ComponentCallbacks2 extends android.content.ComponentCallbacks {
  public static final int TRIM_MEMORY_BACKGROUND = 40;
  public static final int TRIM_MEMORY_RUNNING_CRITICAL = 15;
  public static final int TRIM_MEMORY_RUNNING_LOW = 10;
  public abstract void onTrimMemory(int a0);
}
