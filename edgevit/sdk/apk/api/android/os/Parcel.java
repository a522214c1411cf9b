package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Parcel {
  public final native void recycle();
  public final native float readFloat();
}
