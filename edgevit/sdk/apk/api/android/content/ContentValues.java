package android.content;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class ContentValues implements android.os.Parcelable {
  public static final String TAG = "ContentValues";
  public ContentValues() {}
  public ContentValues(int a0) {}
  public ContentValues(android.content.ContentValues a0) {}
  public native void put(String a0, String a1);
  public native void put(String a0, Byte a1);
  public native void put(String a0, Short a1);
  public native void put(String a0, Integer a1);
  public native void put(String a0, Long a1);
  public native void put(String a0, Float a1);
  public native void put(String a0, Double a1);
  public native void put(String a0, Boolean a1);
  public native void put(String a0, byte[] a1);
  public native int size();
  public native void remove(String a0);
  public native void clear();
  public native Object get(String a0);
}
