package android.os;

/** Members that are used, some newer than the API jar. */
public class Build {
  public static final String MANUFACTURER = null;
  public static final String MODEL = null;

  public static class VERSION {
    public static final String RELEASE = null;
    public static final int SDK_INT = Integer.parseInt("0");
  }

  public static class VERSION_CODES {
    public static final int O = 26;
    public static final int Q = 29;
    public static final int R = 30;
  }
}
