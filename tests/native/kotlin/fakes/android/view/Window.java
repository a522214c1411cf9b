package android.view;

/** Flags are not kept. */
public class Window {
  public void addFlags(int flags) {}
}
