package android.net;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class Uri implements android.os.Parcelable, Comparable<android.net.Uri> {
  public abstract String getPath();
  public abstract String getQuery();
  public static native android.net.Uri parse(String a0);
}
