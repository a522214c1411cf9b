package org.tensorflow.lite;

/** Stand-in for TensorFlow Lite's enumeration of this name, with the runtime's numbers of the element types. */
public enum DataType {
  FLOAT32(1),
  INT32(2),
  UINT8(3),
  INT64(4),
  STRING(5),
  BOOL(6),
  INT16(7),
  INT8(9);

  private final int number;

  DataType(int number) {
    this.number = number;
  }

  static DataType ofNumber(int number) {
    for (DataType type : values()) if (type.number == number) return type;
    throw new IllegalArgumentException("element type " + number);
  }
}
