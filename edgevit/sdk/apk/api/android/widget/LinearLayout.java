package android.widget;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class LinearLayout extends android.view.ViewGroup {
  public static final int VERTICAL = 1;
  public LinearLayout(android.content.Context a0) {}
  public LinearLayout(android.content.Context a0, android.util.AttributeSet a1) {}
  public LinearLayout(android.content.Context a0, android.util.AttributeSet a1, int a2) {}
  public LinearLayout(android.content.Context a0, android.util.AttributeSet a1, int a2, int a3) {}
  protected native void onDraw(android.graphics.Canvas a0);
  protected native void onMeasure(int a0, int a1);
  public native void setOrientation(int a0);
  public native int getOrientation();

  public static class LayoutParams extends android.view.ViewGroup.MarginLayoutParams {
    public LayoutParams(android.content.Context a0, android.util.AttributeSet a1) {}
    public LayoutParams(int a0, int a1) {}
    public LayoutParams(int a0, int a1, float a2) {}
    public LayoutParams(android.view.ViewGroup.LayoutParams a0) {}
    public LayoutParams(android.view.ViewGroup.MarginLayoutParams a0) {}
    public LayoutParams(android.widget.LinearLayout.LayoutParams a0) {}
  }
}
