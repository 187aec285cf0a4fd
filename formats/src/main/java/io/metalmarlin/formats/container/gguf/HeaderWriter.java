package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Prints headers of version 3, little-endian, padded to where the data begins.
final class HeaderWriter {
  private static final int VERSION = 3;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

  private HeaderWriter() {}

  /// @throws IllegalArgumentException for tensors that no GGUF file can hold
  static byte[] bytes(List<TensorInfo> tensors, GgufMetadata metadata, long alignment) {
    HeaderWriter w = new HeaderWriter();
    w.out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    w.u32(VERSION);
    w.u64(tensors.size());
    w.u64(metadata.values().size());
    metadata
        .values()
        .forEach((key, value) -> {
          w.string(key);
          w.u32(value.type().ordinal());
          w.value(value);
        });
    long at = 0;
    for (TensorInfo t : tensors) {
      w.tensor(t, at);
      at += HeaderReader.padded(t.byteSize(), alignment);
    }
    w.out.writeBytes(new byte[(int) (HeaderReader.padded(w.out.size(), alignment) - w.out.size())]);
    return w.out.toByteArray();
  }

  private void tensor(TensorInfo t, long offset) {
    int nameBytes = t.name().getBytes(StandardCharsets.UTF_8).length;
    if (nameBytes > HeaderReader.MAX_NAME) {
      throw new IllegalArgumentException(
          "tensor name \"" + t.name() + "\" has " + nameBytes + " bytes, GGUF allows 63");
    }
    List<Long> shape = t.shape().isEmpty() ? List.of(1L) : t.shape();
    if (shape.size() > HeaderReader.MAX_DIMENSIONS) {
      throw new IllegalArgumentException(t.name() + ": GGUF allows 4 dimensions, not " + shape);
    }
    if (shape.getLast() % t.dtype().blockElements() != 0) {
      throw new IllegalArgumentException(
          t.name() + ": rows of " + shape.getLast() + " are not whole blocks of " + t.dtype());
    }
    int type =
        GgmlTypes.id(t.dtype())
            .orElseThrow(
                () -> new IllegalArgumentException(t.name() + ": GGUF has no type " + t.dtype()));
    string(t.name());
    u32(shape.size());
    shape.reversed().forEach(this::u64);
    u32(type);
    u64(offset);
  }

  private void value(GgufValue value) {
    switch (value) {
      case GgufValue.Whole(GgufType type, long v) -> {
        number.putLong(0, v);
        out.write(number.array(), 0, type.leastBytes());
      }
      case GgufValue.Float32(float v) -> u32(Float.floatToRawIntBits(v));
      case GgufValue.Float64(double v) -> u64(Double.doubleToRawLongBits(v));
      case GgufValue.Bool(boolean v) -> out.write(v ? 1 : 0);
      case GgufValue.Text(String v) -> string(v);
      case GgufValue.Texts(List<String> values) -> {
        u32(GgufType.STRING.ordinal());
        u64(values.size());
        values.forEach(this::string);
      }
      case GgufRawStrings raw -> {
        if (raw.type() == GgufType.ARRAY) {
          u32(GgufType.STRING.ordinal());
          u64(raw.strings().size());
        }
        raw.strings().forEach(this::string);
      }
      case GgufNumbers numbers -> {
        u32(numbers.element().ordinal());
        u64(numbers.size());
        out.writeBytes(numbers.littleEndian());
      }
    }
  }

  private void string(String s) {
    string(s.getBytes(StandardCharsets.UTF_8));
  }

  private void string(byte[] bytes) {
    u64(bytes.length);
    out.writeBytes(bytes);
  }

  private void u32(int v) {
    number.putInt(0, v);
    out.write(number.array(), 0, 4);
  }

  private void u64(long v) {
    number.putLong(0, v);
    out.write(number.array(), 0, 8);
  }
}
