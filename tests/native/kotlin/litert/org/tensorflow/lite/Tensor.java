package org.tensorflow.lite;

/** Stand-in for TensorFlow Lite's interface of this name: the members that the library uses. */
public interface Tensor {
  DataType dataType();

  int[] shape();
}
