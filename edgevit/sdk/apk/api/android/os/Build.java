package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Build {
  public static String MANUFACTURER;
  public static String MODEL;
  public Build() {}

  public static class VERSION {
    public static String RELEASE;
    public static int SDK_INT;
    public VERSION() {}
  }

  public static class VERSION_CODES {
    public static final int O = 26;
    public static final int Q = 29;
    public static final int R = 30;
    public VERSION_CODES() {}
  }
}
