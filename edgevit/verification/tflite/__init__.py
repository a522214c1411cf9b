"""TFLite files: read without trust, run with LiteRT, compared with PyTorch."""
