package org.tensorflow.lite;

import dev.edgevit.host.Runtime;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/** Stand-in for TensorFlow Lite's class of this name: the members that the library uses, run by the host's LiteRT. */
public final class Interpreter implements AutoCloseable {
  public static class Options {
    public Options setNumThreads(int numThreads) {
      return this;
    }

    public Options setUseXNNPACK(boolean useXNNPACK) {
      return this;
    }
  }

  private final Runtime runtime;

  public Interpreter(ByteBuffer byteBuffer, Options options) {
    if (!byteBuffer.isDirect()) throw new IllegalArgumentException("a model in a buffer that is not direct");
    runtime = new Runtime(byteBuffer);
  }

  public void runSignature(Map<String, Object> inputs, Map<String, Object> outputs) {
    runtime.run(buffers(inputs, false), buffers(outputs, true));
  }

  /** A null key stands for the only signature. */
  public Tensor getInputTensorFromSignature(String inputName, String signatureKey) {
    int index = Arrays.asList(runtime.names(false)).indexOf(inputName);
    if (index < 0 || signatureKey != null) throw new IllegalArgumentException("no input " + inputName);
    int[] type = runtime.type(false, index);
    return new Tensor() {
      @Override
      public DataType dataType() {
        return DataType.ofNumber(type[0]);
      }

      @Override
      public int[] shape() {
        return Arrays.copyOfRange(type, 1, type.length);
      }
    };
  }

  @Override
  public void close() {
    runtime.close();
  }

  private ByteBuffer[] buffers(Map<String, Object> given, boolean output) {
    String[] names = runtime.names(output);
    if (given.size() != names.length) throw new IllegalArgumentException("tensors " + Arrays.toString(names));
    ByteBuffer[] buffers = new ByteBuffer[names.length];
    for (int index = 0; index < names.length; index++) {
      if (!given.containsKey(names[index])) throw new IllegalArgumentException("no tensor " + names[index]);
      buffers[index] = checked((ByteBuffer) given.get(names[index]), runtime.type(output, index));
    }
    return buffers;
  }

  /** TensorFlow Lite refuses a buffer of another size, and reads it from its position. */
  private static ByteBuffer checked(ByteBuffer buffer, int[] type) {
    int bytes = type[0] == 1 ? 4 : 1; // kTfLiteFloat32, and 8-bit types
    for (int index = 1; index < type.length; index++) bytes *= type[index];
    if (buffer.remaining() != bytes) throw new IllegalArgumentException("a buffer of " + buffer.remaining() + " bytes");
    return buffer;
  }
}
