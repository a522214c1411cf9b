package android.content.pm;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ApplicationInfo extends android.content.pm.PackageItemInfo implements android.os.Parcelable {
  public static final int FLAG_DEBUGGABLE = 2;
  public int flags;
  public ApplicationInfo() {}
  public ApplicationInfo(android.content.pm.ApplicationInfo a0) {}
}
