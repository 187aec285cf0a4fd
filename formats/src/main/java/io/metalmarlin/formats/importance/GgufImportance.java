package io.metalmarlin.formats.importance;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeSet;

/// The newer kind of file: a GGUF of `general.type` imatrix. An entry is two tensors,
/// `NAME.in_sum2` with sums of squares, one row for each matrix, and `NAME.counts` with the tokens
/// that entered each row.
final class GgufImportance {
  static final String TYPE = "general.type";
  static final String KIND = "imatrix";
  static final String DATASETS = "imatrix.datasets";
  static final String CHUNKS = "imatrix.chunk_count";
  static final String CHUNK_SIZE = "imatrix.chunk_size";
  static final String SUMS = ".in_sum2";
  static final String COUNTS = ".counts";

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final EntryCheck check;
  private final GgufCheckpoint file;

  private GgufImportance(Path path, GgufCheckpoint file) {
    this.check = new EntryCheck(path);
    this.file = file;
  }

  /// @throws MarlinException for a file that lies, or a GGUF file of another kind
  static ImportanceFile read(Path path, String sha256) {
    try (GgufCheckpoint file = Gguf.INSTANCE.open(path)) {
      return new GgufImportance(path, file).read(sha256);
    }
  }

  private ImportanceFile read(String sha256) {
    GgufMetadata metadata = file.typedMetadata();
    String type = metadata.text(TYPE).orElse("");
    if (!type.equals(KIND)) {
      throw new MarlinException(
          ErrorCode.REFUSED_FORMAT,
          check.path().toString(),
          "is a GGUF file, and its %s is \"%s\", not \"%s\"".formatted(TYPE, type, KIND),
          "Give the file that llama-imatrix wrote, not a model.");
    }
    SequencedMap<String, Importance> entries = new LinkedHashMap<>();
    for (String name : names()) {
      entries.put(name, entry(name));
    }
    if (entries.isEmpty()) {
      throw check.malformed("holds no entry: no tensor ends in " + SUMS);
    }
    return new ImportanceFile(
        check.path(),
        sha256,
        entries,
        metadata.texts(DATASETS).orElse(List.of()),
        metadata.whole(CHUNKS).orElse(0));
  }

  private TreeSet<String> names() {
    TreeSet<String> names = new TreeSet<>();
    for (String tensor : file.tensors().keySet()) {
      for (String suffix : List.of(SUMS, COUNTS)) {
        if (tensor.endsWith(suffix)) {
          names.add(tensor.substring(0, tensor.length() - suffix.length()));
        }
      }
    }
    return names;
  }

  private Importance entry(String name) {
    float[] values = numbers(name, SUMS);
    float[] counts = numbers(name, COUNTS);
    if (values.length % counts.length != 0) {
      throw check.fault(
          ErrorCode.TENSOR_MISMATCH,
          name,
          "%d sums do not divide among %d counts".formatted(values.length, counts.length));
    }
    int columns = values.length / counts.length;
    int unseen = 0;
    for (int m = 0; m < counts.length; m++) {
      float count = counts[m];
      if (!(count >= 0) || count != Math.rint(count) || Float.isInfinite(count)) {
        throw check.malformed(
            name,
            "count %d of %d is %s, not a number of tokens".formatted(m, counts.length, count));
      }
      unseen += count == 0 ? 1 : 0;
      for (int i = m * columns; i < (m + 1) * columns; i++) {
        check.square(name, values[i], i, values.length);
        values[i] = count == 0 ? 1 : values[i] / count;
      }
    }
    return new Importance(name, values, unseen);
  }

  private float[] numbers(String name, String suffix) {
    TensorInfo t = file.tensors().get(name + suffix);
    if (t == null) {
      throw check.fault(
          ErrorCode.TENSOR_MISSING,
          name,
          "has no tensor %s%s beside its %s"
              .formatted(name, suffix, suffix.equals(SUMS) ? COUNTS : SUMS));
    }
    if (t.dtype() != DType.F32 || t.elements() < 1 || t.elements() > Integer.MAX_VALUE - 8) {
      throw check.fault(
          ErrorCode.TENSOR_MISMATCH,
          name,
          "%s%s is %s %s, not numbers in F32".formatted(name, suffix, t.dtype(), t.shape()));
    }
    // The reader has checked that the file is as long as its header says, so this is no more than
    // its size.
    MemorySegment bytes = file.bytes(t.name());
    float[] out = new float[(int) t.elements()];
    MemorySegment.copy(bytes, F32, 0, out, 0, out.length);
    return out;
  }
}
