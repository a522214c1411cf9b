package android.media;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public abstract class Image implements AutoCloseable {
  public abstract int getFormat();
  public abstract int getWidth();
  public abstract int getHeight();
  public abstract android.media.Image.Plane[] getPlanes();
  public abstract void close();

  public abstract static class Plane {
    public abstract int getRowStride();
    public abstract int getPixelStride();
    public abstract java.nio.ByteBuffer getBuffer();
  }
}
