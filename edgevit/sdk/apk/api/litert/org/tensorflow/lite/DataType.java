package org.tensorflow.lite;

/** Declares what the app uses of LiteRT's enumeration, so that it compiles where the runtime is not; never in an APK. */
public enum DataType {
  FLOAT32,
  INT32,
  UINT8,
  INT64,
  STRING,
  BOOL,
  INT16,
  INT8
}
