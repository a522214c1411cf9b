package android.provider;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface OpenableColumns {
  public static final String DISPLAY_NAME = "_display_name";
  public static final String SIZE = "_size";
}
