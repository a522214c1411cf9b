package android.widget;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Button extends android.widget.TextView {
  public Button(android.content.Context a0) {}
  public Button(android.content.Context a0, android.util.AttributeSet a1) {}
  public Button(android.content.Context a0, android.util.AttributeSet a1, int a2) {}
  public Button(android.content.Context a0, android.util.AttributeSet a1, int a2, int a3) {}
}
