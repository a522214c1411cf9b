package android.app;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Activity extends android.view.ContextThemeWrapper implements android.view.LayoutInflater.Factory2,android.view.Window.Callback,android.view.KeyEvent.Callback,android.view.View.OnCreateContextMenuListener,android.content.ComponentCallbacks2 {
  public Activity() {}
  public native android.content.Intent getIntent();
  public native void setIntent(android.content.Intent a0);
  public final native android.app.Application getApplication();
  public native android.view.Window getWindow();
  protected native void onCreate(android.os.Bundle a0);
  public native void onCreate(android.os.Bundle a0, android.os.PersistableBundle a1);
  protected native void onNewIntent(android.content.Intent a0);
  protected native void onStop();
  protected native void onDestroy();
  public native void onConfigurationChanged(android.content.res.Configuration a0);
  public native int getChangingConfigurations();
  public native void onLowMemory();
  public native void onTrimMemory(int a0);
  public native void setContentView(int a0);
  public native void setContentView(android.view.View a0);
  public native void setContentView(android.view.View a0, android.view.ViewGroup.LayoutParams a1);
  public native void startActivity(android.content.Intent a0);
  public native void startActivity(android.content.Intent a0, android.os.Bundle a1);
  public final native void setResult(int a0);
  public final native void setResult(int a0, android.content.Intent a1);
  public native void setVisible(boolean a0);
  public native boolean isChangingConfigurations();
  public native void finish();
  public native Object getSystemService(String a0);
}
