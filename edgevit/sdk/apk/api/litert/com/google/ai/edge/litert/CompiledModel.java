package com.google.ai.edge.litert;

import android.content.res.AssetManager;
import java.util.Map;

/** Declares what the app uses of LiteRT's class, so that it compiles where the runtime is not; never in an APK. */
public final class CompiledModel implements AutoCloseable {
  public static native CompiledModel create(
      AssetManager assetManager, String assetName, Options options, Environment optionalEnv);

  public native TensorBuffer createInputBuffer(String inputName);

  public native TensorBuffer createOutputBuffer(String outputName);

  public native void run(Map<String, TensorBuffer> inputs, Map<String, TensorBuffer> outputs);

  @Override
  public native void close();

  public static final class Options {
    public Options(Accelerator... accelerators) {}
  }
}
