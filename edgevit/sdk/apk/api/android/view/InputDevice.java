package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class InputDevice implements android.os.Parcelable {
  public static native android.view.InputDevice getDevice(int a0);
  public native int getId();
  public native String getName();
}
