package com.google.ai.edge.litert;

/** Declares what the app uses of LiteRT's class, so that it compiles where the runtime is not; never in an APK. */
public final class TensorBuffer implements AutoCloseable {
  public native void writeInt8(byte[] data);

  public native void writeFloat(float[] data);

  public native float[] readFloat();

  @Override
  public native void close();
}
