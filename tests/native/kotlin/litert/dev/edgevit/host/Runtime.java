package dev.edgevit.host;

import java.nio.ByteBuffer;

/** One model in the LiteRT runtime of the Python wheel. */
public final class Runtime implements AutoCloseable {
  static {
    System.loadLibrary("edgevit_host");
  }

  /** How many models are open; tests look at it for leaks. */
  public static int open;

  /** How many times any model ran. */
  public static volatile int runs;

  private final ByteBuffer model; // the native side keeps a pointer to it
  private long handle;

  /** Opens a model given in a direct buffer. */
  public Runtime(ByteBuffer model) {
    this.model = model;
    handle = create(model);
    open++;
  }

  /** Names of the inputs or outputs in the signature's order. */
  public String[] names(boolean output) {
    return names(checked(), output);
  }

  /** The element type (LiteRT's number) of an input or output, and then its shape. */
  public int[] type(boolean output, int index) {
    return type(checked(), output, index);
  }

  /** Copies the inputs in, runs, copies the outputs out; direct buffers of exactly the tensors' bytes. */
  public void run(ByteBuffer[] inputs, ByteBuffer[] outputs) {
    runs++;
    run(checked(), inputs, outputs);
  }

  @Override
  public void close() {
    if (handle == 0) return;
    destroy(handle);
    handle = 0;
    open--;
  }

  private long checked() {
    if (handle == 0) throw new IllegalStateException("closed");
    return handle;
  }

  private static native long create(ByteBuffer model);

  private static native String[] names(long handle, boolean output);

  private static native int[] type(long handle, boolean output, int index);

  private static native void run(long handle, ByteBuffer[] inputs, ByteBuffer[] outputs);

  private static native void destroy(long handle);
}
