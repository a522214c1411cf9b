package android.os;

/** Charge. */
public class BatteryManager {
  public int getIntProperty(int id) {
    return 80;
  }
}
