package android.content.pm;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class PackageItemInfo {
  public int banner;
  public String name;
  public PackageItemInfo() {}
  public PackageItemInfo(android.content.pm.PackageItemInfo a0) {}
  protected PackageItemInfo(android.os.Parcel a0) {}
}
