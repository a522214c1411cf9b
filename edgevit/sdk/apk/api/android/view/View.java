package android.view;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class View implements android.graphics.drawable.Drawable.Callback,android.view.KeyEvent.Callback,android.view.accessibility.AccessibilityEventSource {
  public static final int GONE = 8;
  public static final int VISIBLE = 0;
  public View(android.content.Context a0) {}
  public View(android.content.Context a0, android.util.AttributeSet a1) {}
  public View(android.content.Context a0, android.util.AttributeSet a1, int a2) {}
  public View(android.content.Context a0, android.util.AttributeSet a1, int a2, int a3) {}
  public native void setOnClickListener(android.view.View.OnClickListener a0);
  public native void setFitsSystemWindows(boolean a0);
  public native boolean getFitsSystemWindows();
  public native int getVisibility();
  public native void setVisibility(int a0);
  public native boolean isEnabled();
  public native void setEnabled(boolean a0);
  protected native void onConfigurationChanged(android.content.res.Configuration a0);
  public final native android.content.Context getContext();
  public final native int getWidth();
  public final native int getHeight();
  public final native int getTop();
  public final native void setTop(int a0);
  public native float getY();
  public native void setY(float a0);
  public native void invalidate(android.graphics.Rect a0);
  public native void invalidate(int a0, int a1, int a2, int a3);
  public native void invalidate();
  public native android.os.Handler getHandler();
  public native boolean post(Runnable a0);
  protected native void onDraw(android.graphics.Canvas a0);
  public native void layout(int a0, int a1, int a2, int a3);
  public native void setBackgroundColor(int a0);
  public native android.graphics.drawable.Drawable getForeground();
  public native void setForeground(android.graphics.drawable.Drawable a0);
  public native void setId(int a0);
  public native int getId();
  public final native void measure(int a0, int a1);
  protected native void onMeasure(int a0, int a1);
  protected final native void setMeasuredDimension(int a0, int a1);

  public static class MeasureSpec {
    public MeasureSpec() {}
    public static native int getMode(int a0);
    public static native int getSize(int a0);
  }

  public static interface OnClickListener {
    public abstract void onClick(android.view.View a0);
  }

  public static interface OnCreateContextMenuListener {
  }
}
