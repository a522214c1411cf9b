package android.os;

/** Heat and power saving, as the test wants them. */
public final class PowerManager {
  public static int status;
  public static boolean saves;

  public boolean isPowerSaveMode() {
    return saves;
  }

  public int getCurrentThermalStatus() {
    return status;
  }

  public float getThermalHeadroom(int forecastSeconds) {
    return 0.71f;
  }
}
