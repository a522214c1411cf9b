package android.os;

/** Members that are used, some newer than the API jar. */
public final class PowerManager {
  public boolean isPowerSaveMode() { throw new RuntimeException("Stub!"); }

  public int getCurrentThermalStatus() { throw new RuntimeException("Stub!"); }

  public float getThermalHeadroom(int forecastSeconds) { throw new RuntimeException("Stub!"); }
}
