package io.metalmarlin.formats.container.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Reads the key-value part of a header.
final class MetadataReader {
  /// A key of no characters, a type, and a value of one byte.
  static final int LEAST_ENTRY = 13;

  private final Input in;

  MetadataReader(Input in) {
    this.in = in;
  }

  /// @param count known to be possible in what is left of the file
  SequencedMap<String, GgufValue> read(long count) throws IOException {
    SequencedMap<String, GgufValue> values = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      long at = in.position();
      String key = in.name("metadata key " + i);
      if (values.containsKey(key)) {
        throw in.fault(Fault.DUPLICATE_KEY, key, at, "a new key", "the same once more");
      }
      values.put(key, value(type(key), key));
    }
    return values;
  }

  private GgufType type(String key) throws IOException {
    long at = in.position();
    int id = in.u32();
    return GgufType.of(id)
        .orElseThrow(
            () -> in.fault(Fault.UNKNOWN_VALUE_TYPE, key, at, "0 to 12", Integer.toString(id)));
  }

  private GgufValue value(GgufType type, String key) throws IOException {
    return switch (type) {
      case UINT8 -> new GgufValue.Whole(type, in.u8() & 0xff);
      case INT8 -> new GgufValue.Whole(type, in.u8());
      case UINT16 -> new GgufValue.Whole(type, in.u16() & 0xffff);
      case INT16 -> new GgufValue.Whole(type, in.u16());
      case UINT32 -> new GgufValue.Whole(type, in.u32() & 0xffff_ffffL);
      case INT32 -> new GgufValue.Whole(type, in.u32());
      case UINT64, INT64 -> new GgufValue.Whole(type, in.u64());
      case FLOAT32 -> new GgufValue.Float32(Float.intBitsToFloat(in.u32()));
      case FLOAT64 -> new GgufValue.Float64(Double.longBitsToDouble(in.u64()));
      case BOOL -> new GgufValue.Bool(in.u8() != 0);
      case STRING -> string(key);
      case ARRAY -> array(key);
    };
  }

  private GgufValue array(String key) throws IOException {
    long at = in.position();
    GgufType element = type(key);
    if (element == GgufType.ARRAY) {
      throw in.fault(Fault.NESTED_ARRAY, key, at, "an array of single values", "an array in it");
    }
    at = in.position();
    long count = in.u64();
    long most = Math.min(in.left(), Input.MAX_LENGTH) / element.leastBytes();
    if (count < 0 || count > most) {
      throw in.fault(
          Fault.ARRAY_TOO_LONG,
          key,
          at,
          "at most " + Input.grouped(most) + " elements of " + element,
          Long.toUnsignedString(count));
    }
    if (element == GgufType.STRING) {
      return strings((int) count, key);
    }
    byte[] bytes = in.bytes((int) count * element.leastBytes());
    if (in.order() == ByteOrder.BIG_ENDIAN) {
      ByteSwap.all(MemorySegment.ofArray(bytes), element.leastBytes());
    }
    return new GgufNumbers(element, bytes);
  }

  private GgufValue string(String key) throws IOException {
    byte[] bytes = in.string(key);
    Optional<String> text = Input.text(bytes);
    return text.isPresent()
        ? new GgufValue.Text(text.get())
        : new GgufRawStrings(GgufType.STRING, List.of(bytes));
  }

  private GgufValue strings(int count, String key) throws IOException {
    List<byte[]> raw = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      raw.add(in.string(key));
    }
    List<String> texts = new ArrayList<>(count);
    for (byte[] bytes : raw) {
      Optional<String> text = Input.text(bytes);
      if (text.isEmpty()) {
        return new GgufRawStrings(GgufType.ARRAY, raw);
      }
      texts.add(text.get());
    }
    return new GgufValue.Texts(texts);
  }
}
