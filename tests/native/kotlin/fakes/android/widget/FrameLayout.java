package android.widget;

/** A group. */
public class FrameLayout extends android.view.ViewGroup {
  public FrameLayout(android.content.Context context) {
    super(context);
  }
}
