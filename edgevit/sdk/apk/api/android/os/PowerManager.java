package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class PowerManager {
  public PowerManager() {}
  public native boolean isPowerSaveMode();
  public native int getCurrentThermalStatus();
  public native float getThermalHeadroom(int a0);
}
