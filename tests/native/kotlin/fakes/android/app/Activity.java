package android.app;

import android.content.Intent;
import android.os.Bundle;
import android.view.View;
import android.view.Window;

/** An activity that a test starts and stops. */
public class Activity extends android.view.ContextThemeWrapper {
  public Intent intent = new Intent();
  public View content;
  public volatile boolean finished;
  private final Window window = new Window();

  /** Starts it as the system would. */
  public void create() {
    onCreate(null);
  }

  /** Makes it anew with its old intent, as the system does after a change that it does not handle. */
  public void restore() {
    onCreate(new Bundle());
  }

  /** Hands it another intent while it is there. */
  public void deliver(Intent intent) {
    onNewIntent(intent);
  }

  /** Ends it as the system would. */
  public void destroy() {
    onDestroy();
  }

  protected void onCreate(Bundle state) {}

  protected void onNewIntent(Intent intent) {}

  protected void onDestroy() {}

  public Intent getIntent() {
    return intent;
  }

  public Window getWindow() {
    return window;
  }

  public void setContentView(View view) {
    content = view;
  }

  public boolean isChangingConfigurations() {
    return false;
  }

  public void finish() {
    finished = true;
  }
}
