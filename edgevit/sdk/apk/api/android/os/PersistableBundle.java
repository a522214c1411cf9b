package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class PersistableBundle extends android.os.BaseBundle implements Cloneable,android.os.Parcelable {
  public PersistableBundle() {}
  public PersistableBundle(int a0) {}
  public PersistableBundle(android.os.PersistableBundle a0) {}
}
