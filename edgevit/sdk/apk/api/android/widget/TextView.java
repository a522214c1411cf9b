package android.widget;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class TextView extends android.view.View implements android.view.ViewTreeObserver.OnPreDrawListener {
  public TextView(android.content.Context a0) {}
  public TextView(android.content.Context a0, android.util.AttributeSet a1) {}
  public TextView(android.content.Context a0, android.util.AttributeSet a1, int a2) {}
  public TextView(android.content.Context a0, android.util.AttributeSet a1, int a2, int a3) {}
  public native void setEnabled(boolean a0);
  public native void setTypeface(android.graphics.Typeface a0, int a1);
  public native CharSequence getText();
  public native int length();
  public final native android.text.Layout getLayout();
  protected native void onConfigurationChanged(android.content.res.Configuration a0);
  public native void setTypeface(android.graphics.Typeface a0);
  public native android.graphics.Typeface getTypeface();
  public native void setTextColor(int a0);
  public native void setTextColor(android.content.res.ColorStateList a0);
  public native android.text.TextPaint getPaint();
  public native void setHeight(int a0);
  public native void setWidth(int a0);
  public final native void append(CharSequence a0);
  public native void append(CharSequence a0, int a1, int a2);
  public final native void setText(CharSequence a0);
  public native void setText(CharSequence a0, android.widget.TextView.BufferType a1);
  public final native void setText(char[] a0, int a1, int a2);
  public final native void setText(int a0);
  public final native void setText(int a0, android.widget.TextView.BufferType a1);
  public native CharSequence getError();
  public native void setError(CharSequence a0);
  public native void setError(CharSequence a0, android.graphics.drawable.Drawable a1);
  protected native boolean setFrame(int a0, int a1, int a2, int a3);
  protected native void onDraw(android.graphics.Canvas a0);
  protected native void onMeasure(int a0, int a1);

  public static enum BufferType { EDITABLE, NORMAL, SPANNABLE }
}
