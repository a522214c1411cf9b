package android.os;

/** Memory. */
public final class Debug {
  public static long getPss() {
    return 123_456;
  }
}
