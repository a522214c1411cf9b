package android.os;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class BatteryManager {
  public static final int BATTERY_PROPERTY_CAPACITY = 4;
  public native int getIntProperty(int a0);
}
