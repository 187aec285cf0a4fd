package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.MappedFile;
import io.metalmarlin.formats.container.gguf.Header.Entry;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads the header of one file and checks it as ggml's reader does, in its order: magic, version,
/// counts, metadata, alignment, tensors, offsets, the end of the file.
final class HeaderReader {
  /// How a shared mapped file reads our headers.
  static final MappedFile.Kind<Header> KIND =
      new MappedFile.Kind<>() {
        @Override
        public Header read(Path file, FileChannel channel, long size) throws IOException {
          return new HeaderReader(file, channel, size).read();
        }

        @Override
        public MarlinException changed(Path file, String expected, String actual) {
          return new GgufException(Fault.CHANGED, file, null, 0, expected, actual);
        }
      };

  static final int DEFAULT_ALIGNMENT = 32;
  static final int MAX_NAME = 63;
  static final int MAX_DIMENSIONS = 4;
  static final String ALIGNMENT_KEY = "general.alignment";

  private static final int MAGIC = 0x46554747; // GGUF, read little-endian
  private static final int SWAPPED_MAGIC = 0x47475546;

  /// A name of no characters, a number of dimensions, no dimension, a type, an offset.
  private static final int LEAST_TENSOR = 24;

  private final Path file;
  private final long fileSize;
  private final Input in;

  private HeaderReader(Path file, FileChannel channel, long fileSize) {
    this.file = file;
    this.fileSize = fileSize;
    this.in = new Input(file, channel, fileSize);
  }

  private Header read() throws IOException {
    readVersion();
    long tensorsAt = in.position();
    long tensors = in.u64();
    long keysAt = in.position();
    long keys = in.u64();
    checkCount(Fault.BAD_TENSOR_COUNT, tensors, tensorsAt, LEAST_TENSOR);
    checkCount(Fault.BAD_KEY_COUNT, keys, keysAt, MetadataReader.LEAST_ENTRY);
    GgufMetadata metadata = new GgufMetadata(file.toString(), new MetadataReader(in).read(keys));
    long alignment = alignment(metadata);
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long sum = 0;
    for (long i = 0; i < tensors; i++) {
      Entry entry = tensor(i, sum);
      String name = entry.info().name();
      if (!names.add(name)) {
        throw in.fault(
            Fault.DUPLICATE_NAME, name, in.position(), "a new name", "the same once more");
      }
      entries.add(entry);
      sum = paddedEnd(entry, alignment);
    }
    long dataStart = padded(in.position(), alignment);
    // What ends here is a header alone, as ggml and gguf-py write them for vocabularies.
    boolean hasData = fileSize != dataStart || sum == 0;
    if (!entries.isEmpty() && hasData) {
      checkEnd(entries, dataStart, sum);
    }
    return new Header(in.order(), alignment, metadata, entries, dataStart, hasData);
  }

  /// Big-endian files have the magic as it is, or byte-swapped like every other number.
  private void readVersion() throws IOException {
    int magic = in.u32();
    long at = in.position();
    int version = in.u32();
    boolean swapped = (version & 0xffff) == 0 && version != 0;
    if (magic != MAGIC && !(magic == SWAPPED_MAGIC && swapped)) {
      throw in.fault(
          Fault.BAD_MAGIC, null, 0, "47475546", "%08x".formatted(Integer.reverseBytes(magic)));
    }
    if (swapped) {
      in.order(ByteOrder.BIG_ENDIAN);
      version = Integer.reverseBytes(version);
    }
    if (version != 2 && version != 3) {
      throw in.fault(
          Fault.BAD_VERSION, null, at, "version 2 or 3", Integer.toUnsignedString(version));
    }
  }

  private void checkCount(Fault fault, long count, long at, int leastBytes) {
    long most = in.left() / leastBytes;
    if (count < 0 || count > most) {
      throw in.fault(
          fault,
          null,
          at,
          "at most " + Input.grouped(most) + " in the rest of the file",
          Long.toString(count));
    }
  }

  private long alignment(GgufMetadata metadata) {
    GgufValue value = metadata.values().get(ALIGNMENT_KEY);
    if (value == null) {
      return DEFAULT_ALIGNMENT;
    }
    boolean sound =
        value instanceof GgufValue.Whole w
            && w.type() == GgufType.UINT32
            && Long.bitCount(w.value()) == 1;
    if (!sound) {
      throw in.fault(
          Fault.BAD_ALIGNMENT,
          ALIGNMENT_KEY,
          in.position(),
          "a power of two of type UINT32",
          value.type() + " " + value.display());
    }
    return ((GgufValue.Whole) value).value();
  }

  /// @param begin where the tensor's data must lie
  private Entry tensor(long index, long begin) throws IOException {
    long at = in.position();
    String name = in.name("tensor " + index);
    long nameBytes = in.position() - at - Long.BYTES;
    if (nameBytes > MAX_NAME) {
      throw in.fault(
          Fault.NAME_TOO_LONG, name, at, "at most " + MAX_NAME + " bytes", nameBytes + " bytes");
    }
    List<Long> shape = shape(name);
    DType type = type(name);
    TensorInfo info = new TensorInfo(name, type, shape);
    checkSize(info);
    at = in.position();
    long offset = in.u64();
    if (offset != begin) {
      throw in.fault(
          Fault.BAD_OFFSET, name, at, Long.toString(begin), Long.toUnsignedString(offset));
    }
    return new Entry(info, begin);
  }

  /// The dimensions, outermost first; the file has the innermost first.
  private List<Long> shape(String name) throws IOException {
    long at = in.position();
    int count = in.u32();
    if (count < 0 || count > MAX_DIMENSIONS) {
      throw in.fault(
          Fault.BAD_DIMENSION_COUNT,
          name,
          at,
          "at most " + MAX_DIMENSIONS,
          Integer.toUnsignedString(count));
    }
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      at = in.position();
      long dimension = in.u64();
      if (dimension < 0) {
        throw in.fault(Fault.NEGATIVE_DIMENSION, name, at, "0 or more", Long.toString(dimension));
      }
      shape.addFirst(dimension);
    }
    return shape;
  }

  private DType type(String name) throws IOException {
    long at = in.position();
    int id = in.u32();
    return GgmlTypes.of(id)
        .orElseThrow(() -> {
          String known = GgmlTypes.retired(id).map(n -> " (" + n + ", withdrawn)").orElse("");
          return in.fault(Fault.UNKNOWN_TENSOR_TYPE, name, at, "a ggml type", id + known);
        });
  }

  private void checkSize(TensorInfo info) {
    long at = in.position();
    String what = info.dtype() + " " + info.shape();
    long elements = 1;
    for (long d : info.shape()) {
      // As in ggml the order counts: an earlier zero does not excuse a later overflow.
      if (d != 0 && elements > Long.MAX_VALUE / d) {
        throw in.fault(Fault.TOO_MANY_ELEMENTS, info.name(), at, "fewer than 2^63", what);
      }
      elements *= d;
    }
    long row = info.shape().isEmpty() ? 1 : info.shape().getLast();
    if (row % info.dtype().blockElements() != 0) {
      throw in.fault(
          Fault.PARTIAL_BLOCK,
          info.name(),
          at,
          "a row of whole blocks of " + info.dtype().blockElements(),
          row + " elements of " + info.dtype());
    }
    if (elements / info.dtype().blockElements() > Long.MAX_VALUE / info.dtype().blockBytes()) {
      throw in.fault(Fault.TENSOR_TOO_LARGE, info.name(), at, "fewer than 2^63 bytes", what);
    }
  }

  private long paddedEnd(Entry entry, long alignment) {
    long size = entry.info().byteSize();
    if (size > Long.MAX_VALUE - alignment
        || padded(size, alignment) > Long.MAX_VALUE - entry.begin()) {
      throw in.fault(
          Fault.DATA_TOO_LARGE,
          entry.info().name(),
          in.position(),
          "tensors of fewer than 2^63 bytes",
          size + " bytes after " + entry.begin());
    }
    return entry.begin() + padded(size, alignment);
  }

  private void checkEnd(List<Entry> entries, long dataStart, long sum) {
    long available = fileSize - dataStart;
    if (sum <= available) {
      return;
    }
    Entry cut =
        entries.stream()
            .filter(e -> e.info().byteSize() > available - e.begin())
            .findFirst()
            .orElse(entries.getLast());
    throw in.fault(
        Fault.DATA_TRUNCATED,
        cut.info().name(),
        fileSize,
        sum > Long.MAX_VALUE - dataStart
            ? "more bytes than a file can have"
            : Input.grouped(dataStart + sum) + " bytes",
        Input.grouped(fileSize));
  }

  static long padded(long n, long alignment) {
    return (n + alignment - 1) & -alignment;
  }
}
