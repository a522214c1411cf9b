package android.graphics;

/** A colour. */
public class Paint {
  public void setColor(int color) {}
}
