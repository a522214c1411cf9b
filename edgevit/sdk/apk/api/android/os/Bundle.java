package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class Bundle extends android.os.BaseBundle implements Cloneable,android.os.Parcelable {
  public Bundle() {}
  public Bundle(ClassLoader a0) {}
  public Bundle(int a0) {}
  public Bundle(android.os.Bundle a0) {}
  public Bundle(android.os.PersistableBundle a0) {}
  public native void clear();
  public native short getShort(String a0);
  public native short getShort(String a0, short a1);
  public native android.util.Size getSize(String a0);
}
