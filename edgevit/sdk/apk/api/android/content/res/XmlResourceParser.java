package android.content.res;

/** Declares what the app uses of Android's class, so that it compiles without an SDK; never in an APK. */
public interface XmlResourceParser extends org.xmlpull.v1.XmlPullParser,android.util.AttributeSet,AutoCloseable {
  public abstract void close();
}
