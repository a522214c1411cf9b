"""What a runtime or an accelerator will make of a ``.tflite`` file, read from the file: reasons and sources."""
