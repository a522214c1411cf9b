package android.util;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class TypedValue {
  public int data;
  public TypedValue() {}
  public native void setTo(android.util.TypedValue a0);
}
