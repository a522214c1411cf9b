package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface ViewManager {
  public abstract void addView(android.view.View a0, android.view.ViewGroup.LayoutParams a1);
}
