package android.content;

import android.net.Uri;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;

/** Keeps what is written. */
public class ContentResolver {
  public static final Map<Uri, ByteArrayOutputStream> WRITTEN = new HashMap<>();

  public OutputStream openOutputStream(Uri target) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    WRITTEN.put(target, stream);
    return stream;
  }
}
