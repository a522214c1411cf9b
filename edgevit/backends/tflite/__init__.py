"""The TFLite backend: an exported network becomes a ``.tflite`` file, without any other converter."""
