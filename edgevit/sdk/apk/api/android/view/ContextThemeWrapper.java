package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ContextThemeWrapper extends android.content.ContextWrapper {
  public ContextThemeWrapper() {}
  public ContextThemeWrapper(android.content.Context a0, int a1) {}
  public ContextThemeWrapper(android.content.Context a0, android.content.res.Resources.Theme a1) {}
  public native Object getSystemService(String a0);
}
