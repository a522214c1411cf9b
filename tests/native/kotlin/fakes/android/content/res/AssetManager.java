package android.content.res;

import android.content.Context;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A folder. */
public final class AssetManager {
  public InputStream open(String name) throws IOException {
    return new FileInputStream(new File(Context.assets, name));
  }

  public AssetFileDescriptor openFd(String name) throws IOException {
    return new AssetFileDescriptor(new File(Context.assets, name));
  }
}
