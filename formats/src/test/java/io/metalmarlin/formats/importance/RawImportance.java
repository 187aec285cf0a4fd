package io.metalmarlin.formats.importance;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Importance files byte by byte, true or false ones.
class RawImportance {
  private record Tensor(String name, long[] ne, float[] values) {}

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Tensor> tensors = new ArrayList<>();

  RawImportance i32(int... values) {
    for (int v : values) {
      out.writeBytes(little(4).putInt(v).array());
    }
    return this;
  }

  RawImportance f32(float... values) {
    for (float v : values) {
      out.writeBytes(little(4).putFloat(v).array());
    }
    return this;
  }

  /// Length and letters of a `.dat` name.
  RawImportance name(String s) {
    i32(s.length());
    out.writeBytes(s.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /// One whole entry of a `.dat` file.
  RawImportance entry(String name, int calls, float... values) {
    return name(name).i32(calls, values.length).f32(values);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /// A tensor of the GGUF file that [#gguf] makes.
  RawImportance tensor(String name, long[] ne, float... values) {
    tensors.add(new Tensor(name, ne, values));
    return this;
  }

  byte[] gguf(String type) {
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    i32(3).i64(tensors.size()).i64(3);
    string("general.type").i32(8).string(type);
    string("imatrix.datasets").i32(9, 8).i64(1).string("calm.txt");
    string("imatrix.chunk_count").i32(4, 7);
    long offset = 0;
    for (Tensor t : tensors) {
      string(t.name()).i32(t.ne().length);
      for (long n : t.ne()) {
        i64(n);
      }
      i32(0).i64(offset);
      offset += (4L * t.values().length + 31) / 32 * 32;
    }
    for (Tensor t : tensors) {
      pad();
      f32(t.values());
    }
    pad();
    return bytes();
  }

  private RawImportance i64(long v) {
    out.writeBytes(little(8).putLong(v).array());
    return this;
  }

  private RawImportance string(String s) {
    i64(s.length());
    out.writeBytes(s.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private void pad() {
    while (out.size() % 32 != 0) {
      out.write(0);
    }
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
