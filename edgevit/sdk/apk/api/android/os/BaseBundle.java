package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class BaseBundle {
  public native int size();
  public native boolean isEmpty();
  public native void clear();
  public native Object get(String a0);
  public native void remove(String a0);
}
