package com.google.ai.edge.litert;

import java.util.Set;

/** Declares what the app uses of LiteRT's class, so that it compiles where the runtime is not; never in an APK. */
public final class Environment implements AutoCloseable {
  public static native Environment create();

  public native Set<Accelerator> getAvailableAccelerators();

  @Override
  public native void close();
}
