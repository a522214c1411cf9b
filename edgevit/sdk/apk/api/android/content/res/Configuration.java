package android.content.res;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Configuration implements android.os.Parcelable, Comparable<android.content.res.Configuration> {
  public int orientation;
  public Configuration() {}
  public Configuration(android.content.res.Configuration a0) {}
  public native void setTo(android.content.res.Configuration a0);
}
