package android.content.res;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public class ColorStateList implements android.os.Parcelable {
  public ColorStateList(int[][] a0, int[] a1) {}
  public native int getChangingConfigurations();
}
