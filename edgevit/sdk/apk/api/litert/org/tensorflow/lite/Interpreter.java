package org.tensorflow.lite;

import java.nio.ByteBuffer;
import java.util.Map;

/** Declares what the app uses of LiteRT's class, so that it compiles where the runtime is not; never in an APK. */
public final class Interpreter implements AutoCloseable {
  public Interpreter(ByteBuffer byteBuffer, Options options) {}

  public native void runSignature(Map<String, Object> inputs, Map<String, Object> outputs);

  public native Tensor getInputTensorFromSignature(String inputName, String signatureKey);

  @Override
  public native void close();

  public static class Options {
    public native Options setNumThreads(int numThreads);

    public native Options setUseXNNPACK(boolean useXNNPACK);
  }
}
