package android.widget;

/** A group. */
public class LinearLayout extends android.view.ViewGroup {
  public LinearLayout(android.content.Context context) {
    super(context);
  }

  public void setOrientation(int orientation) {}
}
