package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class InputEvent implements android.os.Parcelable {
  public final native android.view.InputDevice getDevice();
}
