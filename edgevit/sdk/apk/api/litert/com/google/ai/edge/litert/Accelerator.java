package com.google.ai.edge.litert;

/** Declares LiteRT's processors, so that the app compiles where the runtime is not; never in an APK. */
public enum Accelerator {
  NONE,
  CPU,
  GPU,
  NPU
}
