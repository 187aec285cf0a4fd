package io.metalmarlin.tests.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The smallest sound files of each container, byte by byte.
final class SmallFiles {
  private SmallFiles() {}

  /// A safetensors file with one tensor `a` of two bytes.
  static byte[] safetensors() {
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";
    ByteBuffer b = ByteBuffer.allocate(8 + header.length() + 2).order(ByteOrder.LITTLE_ENDIAN);
    return b.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8)).array();
  }

  /// A GGUF file with a string, an array and one Q4_0 tensor of 32 columns.
  static byte[] gguf() {
    ByteBuffer b = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    b.put("GGUF".getBytes(StandardCharsets.UTF_8)).putInt(3).putLong(1).putLong(3);
    string(b, "general.architecture").putInt(8);
    string(b, "llama");
    string(b, "general.alignment").putInt(4).putInt(32);
    string(b, "tokenizer.ggml.token_type").putInt(9).putInt(5).putLong(2).putInt(1).putInt(3);
    string(b, "output_norm.weight").putInt(1).putLong(32).putInt(2).putLong(0);
    b.position((b.position() + 31) / 32 * 32 + 32);
    byte[] file = new byte[b.position()];
    b.get(0, file);
    return file;
  }

  /// An importance file of the GGUF kind with one entry of two columns.
  static byte[] importance() {
    ByteBuffer b = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    b.put("GGUF".getBytes(StandardCharsets.UTF_8)).putInt(3).putLong(2).putLong(1);
    string(b, "general.type").putInt(8);
    string(b, "imatrix");
    string(b, "a.in_sum2").putInt(2).putLong(2).putLong(1).putInt(0).putLong(0);
    string(b, "a.counts").putInt(2).putLong(1).putLong(1).putInt(0).putLong(32);
    b.position((b.position() + 31) / 32 * 32);
    b.putFloat(2).putFloat(4).position(b.position() + 24);
    b.putFloat(2).position(b.position() + 28);
    byte[] file = new byte[b.position()];
    b.get(0, file);
    return file;
  }

  private static ByteBuffer string(ByteBuffer b, String text) {
    return b.putLong(text.length()).put(text.getBytes(StandardCharsets.UTF_8));
  }
}
