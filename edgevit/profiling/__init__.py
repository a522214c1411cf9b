"""Where the time of a ``.tflite`` file goes, operator by operator, on this machine's CPU."""
