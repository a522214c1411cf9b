package android.content.pm;

/** How the app was built. */
public class ApplicationInfo {
  public static final ApplicationInfo THE_ONE = new ApplicationInfo();
  public int flags;
}
