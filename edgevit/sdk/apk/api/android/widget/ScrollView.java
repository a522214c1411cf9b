package android.widget;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ScrollView extends android.widget.FrameLayout {
  public ScrollView(android.content.Context a0) {}
  public ScrollView(android.content.Context a0, android.util.AttributeSet a1) {}
  public ScrollView(android.content.Context a0, android.util.AttributeSet a1, int a2) {}
  public ScrollView(android.content.Context a0, android.util.AttributeSet a1, int a2, int a3) {}
  public native void addView(android.view.View a0);
  public native void addView(android.view.View a0, int a1);
  public native void addView(android.view.View a0, android.view.ViewGroup.LayoutParams a1);
  public native void addView(android.view.View a0, int a1, android.view.ViewGroup.LayoutParams a2);
  protected native void onMeasure(int a0, int a1);
}
