package io.metalmarlin.formats.importance;

import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The older kind of file, little-endian without a magic.
///
/// ```
/// i32 entries; per entry: i32 length, name, i32 calls, i32 values, f32[values]
/// i32 chunks, i32 length, dataset        both or only the first may be missing
/// ```
///
/// A value is the mean square of a column times `calls`.
final class DatImportance {
  /// Length, one letter, calls, number of values and one value.
  private static final int SMALLEST_ENTRY = 4 + 1 + 4 + 4 + 4;

  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final EntryCheck check;
  private final MemorySegment file;
  private long at;

  private DatImportance(Path path, MemorySegment file) {
    this.check = new EntryCheck(path);
    this.file = file;
  }

  /// @throws MarlinException for a file that lies
  static ImportanceFile read(Path path, String sha256) throws IOException {
    try (FileChannel channel = FileChannel.open(path);
        Arena arena = Arena.ofConfined()) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new DatImportance(path, file).read(sha256);
    }
  }

  private ImportanceFile read(String sha256) {
    int count = number("", "the number of entries");
    if (count < 1 || count > rest() / SMALLEST_ENTRY) {
      throw check.malformed(
          "is no importance matrix: it would begin with %d entries in %d bytes"
              .formatted(count, file.byteSize()));
    }
    SequencedMap<String, Importance> entries = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      Importance entry = entry("entry " + i);
      if (entries.put(entry.tensor(), entry) != null) {
        throw check.malformed(entry.tensor(), "stands there twice");
      }
    }
    long chunks = rest() == 0 ? 0 : Math.max(0, number("", "the number of chunks"));
    List<String> datasets = rest() == 0 ? List.of() : List.of(text("", "the name of the dataset"));
    if (rest() > 0) {
      throw check.malformed("%d bytes follow its end".formatted(rest()));
    }
    return new ImportanceFile(check.path(), sha256, entries, datasets, chunks);
  }

  private Importance entry(String where) {
    String name = text(where, "its name");
    if (name.isEmpty()) {
      throw check.malformed(where, "has an empty name");
    }
    int calls = number(name, "its number of calls");
    int count = number(name, "its number of values");
    if (calls < 1) {
      throw check.malformed(name, "was summed over %d calls".formatted(calls));
    }
    if (count < 1) {
      throw check.malformed(name, "has %d values".formatted(count));
    }
    if (count > rest() / Float.BYTES) {
      throw check.truncated(
          name, "%d values of 4 bytes were announced, %d bytes follow".formatted(count, rest()));
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++, at += Float.BYTES) {
      float sum = file.get(F32, at);
      check.square(name, sum, i, count);
      values[i] = sum / calls;
    }
    return new Importance(name, values, 0);
  }

  private int number(String entry, String what) {
    if (rest() < Integer.BYTES) {
      throw check.truncated(
          entry, "the file ends at byte %d, inside %s".formatted(file.byteSize(), what));
    }
    int value = file.get(I32, at);
    at += Integer.BYTES;
    return value;
  }

  private String text(String entry, String what) {
    int length = number(entry, "the length of " + what);
    if (length < 0 || length > rest()) {
      throw check.truncated(entry, "%s has %d bytes, %d follow".formatted(what, length, rest()));
    }
    byte[] bytes = file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    at += length;
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw check.malformed(entry, what + " is not UTF-8");
    }
  }

  private long rest() {
    return file.byteSize() - at;
  }
}
