package android.graphics;

/** One typeface. */
public class Typeface {
  public static final Typeface MONOSPACE = new Typeface();
}
