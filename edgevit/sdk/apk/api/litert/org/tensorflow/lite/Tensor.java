package org.tensorflow.lite;

/** Declares what the app uses of LiteRT's interface, so that it compiles where the runtime is not; never in an APK. */
public interface Tensor {
  DataType dataType();

  int[] shape();
}
