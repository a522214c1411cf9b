package android.content.res;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;

/** A whole file. */
public class AssetFileDescriptor implements java.io.Closeable {
  private final File file;
  private final FileInputStream stream;

  AssetFileDescriptor(File file) throws IOException {
    this.file = file;
    stream = new FileInputStream(file);
  }

  public FileDescriptor getFileDescriptor() {
    try {
      return stream.getFD();
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  public FileInputStream createInputStream() throws IOException {
    return new FileInputStream(file);
  }

  public long getStartOffset() {
    return 0;
  }

  public long getLength() {
    return file.length();
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
