package android.view;

import android.content.Context;
import java.util.ArrayList;

/** Keeps its children. */
public class ViewGroup extends View {
  public final ArrayList<View> children = new ArrayList<>();

  public ViewGroup(Context context) {
    super(context);
  }

  public void addView(View view) {
    children.add(view);
  }
}
