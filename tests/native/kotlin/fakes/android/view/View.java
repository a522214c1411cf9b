package android.view;

import android.content.Context;

/** A view that is never drawn. */
public class View {
  public interface OnClickListener {
    void onClick(View view);
  }

  private OnClickListener listener;
  private boolean enabled = true;
  public int visibility;

  public View(Context context) {}

  public void setOnClickListener(OnClickListener listener) {
    this.listener = listener;
  }

  public boolean performClick() {
    if (enabled) listener.onClick(this);
    return enabled;
  }

  public void setEnabled(boolean enabled) {
    this.enabled = enabled;
  }

  public boolean isEnabled() {
    return enabled;
  }

  public void setVisibility(int visibility) {
    this.visibility = visibility;
  }

  public void setFitsSystemWindows(boolean fits) {}

  public void setBackgroundColor(int color) {}

  public void invalidate() {}
}
