package android.content.res;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public final class AssetManager implements AutoCloseable {
  public native void close();
  public final native java.io.InputStream open(String a0);
  public final native java.io.InputStream open(String a0, int a1);
  public final native android.content.res.AssetFileDescriptor openFd(String a0);
}
