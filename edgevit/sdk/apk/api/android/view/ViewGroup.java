package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class ViewGroup extends android.view.View implements android.view.ViewParent,android.view.ViewManager {
  public ViewGroup(android.content.Context a0) {}
  public ViewGroup(android.content.Context a0, android.util.AttributeSet a1) {}
  public ViewGroup(android.content.Context a0, android.util.AttributeSet a1, int a2) {}
  public ViewGroup(android.content.Context a0, android.util.AttributeSet a1, int a2, int a3) {}
  public native void addView(android.view.View a0);
  public native void addView(android.view.View a0, int a1);
  public native void addView(android.view.View a0, int a1, int a2);
  public native void addView(android.view.View a0, android.view.ViewGroup.LayoutParams a1);
  public native void addView(android.view.View a0, int a1, android.view.ViewGroup.LayoutParams a2);
  public final native void layout(int a0, int a1, int a2, int a3);

  public static class LayoutParams {
    public int height;
    public int width;
    public LayoutParams(android.content.Context a0, android.util.AttributeSet a1) {}
    public LayoutParams(int a0, int a1) {}
    public LayoutParams(android.view.ViewGroup.LayoutParams a0) {}
  }

  public static class MarginLayoutParams extends android.view.ViewGroup.LayoutParams {
    public MarginLayoutParams(android.content.Context a0, android.util.AttributeSet a1) {}
    public MarginLayoutParams(int a0, int a1) {}
    public MarginLayoutParams(android.view.ViewGroup.MarginLayoutParams a0) {}
    public MarginLayoutParams(android.view.ViewGroup.LayoutParams a0) {}
  }
}
