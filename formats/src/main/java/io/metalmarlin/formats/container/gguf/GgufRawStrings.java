package io.metalmarlin.formats.container.gguf;

import java.util.Arrays;
import java.util.List;

/// One string or an array of strings that are not all UTF-8. ggml does not look into strings, so
/// such files exist; they are carried along, and refused only where a text is asked for.
public final class GgufRawStrings implements GgufValue {
  private final GgufType type;
  private final List<byte[]> strings;

  /// @param type STRING for one string, ARRAY for any number
  GgufRawStrings(GgufType type, List<byte[]> strings) {
    this.type = type;
    this.strings = List.copyOf(strings);
  }

  @Override
  public GgufType type() {
    return type;
  }

  /// The bytes of each string, not to be changed.
  List<byte[]> strings() {
    return strings;
  }

  @Override
  public String display() {
    return type == GgufType.ARRAY
        ? "STRING[" + strings.size() + "] (not all UTF-8)"
        : strings.getFirst().length + " bytes (not UTF-8)";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GgufRawStrings o
        && type == o.type
        && Arrays.deepEquals(strings.toArray(), o.strings.toArray());
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.deepHashCode(strings.toArray());
  }

  @Override
  public String toString() {
    return display();
  }
}
