package android.os;

/** The device; a test may set its API level. */
public class Build {
  public static final String MANUFACTURER = "edgevit";
  public static final String MODEL = "host";

  public static class VERSION {
    public static final String RELEASE = "16";
    public static int SDK_INT = 36;
  }
}
