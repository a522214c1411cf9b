package android.widget;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class FrameLayout extends android.view.ViewGroup {
  public FrameLayout(android.content.Context a0) {}
  public FrameLayout(android.content.Context a0, android.util.AttributeSet a1) {}
  public FrameLayout(android.content.Context a0, android.util.AttributeSet a1, int a2) {}
  public FrameLayout(android.content.Context a0, android.util.AttributeSet a1, int a2, int a3) {}
  protected native void onMeasure(int a0, int a1);

  public static class LayoutParams extends android.view.ViewGroup.MarginLayoutParams {
    public LayoutParams(android.content.Context a0, android.util.AttributeSet a1) {}
    public LayoutParams(int a0, int a1) {}
    public LayoutParams(int a0, int a1, int a2) {}
    public LayoutParams(android.view.ViewGroup.LayoutParams a0) {}
    public LayoutParams(android.view.ViewGroup.MarginLayoutParams a0) {}
    public LayoutParams(android.widget.FrameLayout.LayoutParams a0) {}
  }
}
