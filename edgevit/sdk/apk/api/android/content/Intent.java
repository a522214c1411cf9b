package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class Intent implements android.os.Parcelable,Cloneable {
  public static final String ACTION_SEND = "android.intent.action.SEND";
  public static final String EXTRA_STREAM = "android.intent.extra.STREAM";
  public static final int FLAG_GRANT_READ_URI_PERMISSION = 1;
  public Intent() {}
  public Intent(android.content.Intent a0) {}
  public Intent(String a0) {}
  public Intent(String a0, android.net.Uri a1) {}
  public Intent(android.content.Context a0, Class<?> a1) {}
  public Intent(String a0, android.net.Uri a1, android.content.Context a2, Class<?> a3) {}
  public static native android.content.Intent createChooser(android.content.Intent a0, CharSequence a1);
  public static native android.content.Intent createChooser(android.content.Intent a0, CharSequence a1, android.content.IntentSender a2);
  public static native android.content.Intent getIntent(String a0);
  public native String getAction();
  public native android.net.Uri getData();
  public native String getType();
  public native boolean getBooleanExtra(String a0, boolean a1);
  public native int getIntExtra(String a0, int a1);
  public native String getStringExtra(String a0);
  public native int getFlags();
  public native String getPackage();
  public native android.content.Intent setAction(String a0);
  public native android.content.Intent setData(android.net.Uri a0);
  public native android.content.Intent setType(String a0);
  public native android.content.Intent putExtra(String a0, boolean a1);
  public native android.content.Intent putExtra(String a0, byte a1);
  public native android.content.Intent putExtra(String a0, char a1);
  public native android.content.Intent putExtra(String a0, short a1);
  public native android.content.Intent putExtra(String a0, int a1);
  public native android.content.Intent putExtra(String a0, long a1);
  public native android.content.Intent putExtra(String a0, float a1);
  public native android.content.Intent putExtra(String a0, double a1);
  public native android.content.Intent putExtra(String a0, String a1);
  public native android.content.Intent putExtra(String a0, CharSequence a1);
  public native android.content.Intent putExtra(String a0, android.os.Parcelable a1);
  public native android.content.Intent putExtra(String a0, android.os.Parcelable[] a1);
  public native android.content.Intent putExtra(String a0, java.io.Serializable a1);
  public native android.content.Intent putExtra(String a0, boolean[] a1);
  public native android.content.Intent putExtra(String a0, byte[] a1);
  public native android.content.Intent putExtra(String a0, short[] a1);
  public native android.content.Intent putExtra(String a0, char[] a1);
  public native android.content.Intent putExtra(String a0, int[] a1);
  public native android.content.Intent putExtra(String a0, long[] a1);
  public native android.content.Intent putExtra(String a0, float[] a1);
  public native android.content.Intent putExtra(String a0, double[] a1);
  public native android.content.Intent putExtra(String a0, String[] a1);
  public native android.content.Intent putExtra(String a0, CharSequence[] a1);
  public native android.content.Intent putExtra(String a0, android.os.Bundle a1);
  public native android.content.Intent setFlags(int a0);
  public native android.content.Intent addFlags(int a0);
  public native android.content.Intent setPackage(String a0);
  public native android.content.Intent setClass(android.content.Context a0, Class<?> a1);
}
