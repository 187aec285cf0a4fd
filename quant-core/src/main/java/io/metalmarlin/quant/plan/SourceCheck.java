package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// One pass over the source before anything is written: the digest of each file and the proof that
/// no weight is infinite or NaN.
///
/// @param files in name order
public record SourceCheck(List<SourceFile> files) {
  private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;

  /// @param sha256 of the whole file, lower-case hexadecimal
  public record SourceFile(String name, long bytes, String sha256) {
    /// A file that was read.
    public SourceFile(Path file, FileDigest digest) {
      this(file.getFileName().toString(), digest.bytes(), digest.sha256());
    }

    /// Reads a whole file.
    ///
    /// @throws MarlinException `FILE_UNREADABLE`
    public static SourceFile read(Path file) {
      return new SourceFile(file, FileDigest.of(file));
    }
  }

  public SourceCheck {
    files = List.copyOf(files);
  }

  public long bytes() {
    return files.stream().mapToLong(SourceFile::bytes).sum();
  }

  /// Reads every byte of the checkpoint once or twice (the second time from the page cache).
  ///
  /// @param progress told the share that is done, 0 to 1
  /// @throws MarlinException `NON_FINITE` naming tensor and element, `FILE_UNREADABLE`
  public static SourceCheck of(Checkpoint checkpoint, DoubleConsumer progress) {
    long total = 0;
    for (TensorInfo t : checkpoint.tensors().values()) {
      total += t.byteSize();
    }
    long done = 0;
    List<SourceFile> files = new ArrayList<>();
    for (Path file : checkpoint.files()) {
      files.add(SourceFile.read(file));
      for (TensorInfo t : checkpoint.tensors().values()) {
        if (checkpoint.file(t.name()).equals(file)) {
          requireFinite(t, checkpoint.bytes(t.name()), file);
          done += t.byteSize();
          progress.accept((double) done / Math.max(1, total));
        }
      }
    }
    return new SourceCheck(files);
  }

  /// Index of the first element of a BF16, F16 or F32 tensor that is infinite or not a number; -1
  /// where all are finite, and for other types.
  public static long firstNonFinite(TensorInfo t, MemorySegment bytes) {
    return switch (t.dtype()) {
      case BF16 -> firstWithExponent16(bytes, (short) 0x7f80);
      case F16 -> firstWithExponent16(bytes, (short) 0x7c00);
      case F32 -> firstNonFinite32(bytes);
      default -> -1;
    };
  }

  private static void requireFinite(TensorInfo t, MemorySegment bytes, Path file) {
    long bad = firstNonFinite(t, bytes);
    if (bad >= 0) {
      throw new MarlinException(
          ErrorCode.NON_FINITE,
          file + ": " + t.name(),
          "element %d of %d is infinite or not a number".formatted(bad, t.elements()),
          "The checkpoint is damaged or was trained to divergence; fetch it again and compare its sha256.");
    }
  }

  /// Index of the first 16-bit float whose exponent bits are all ones, or -1.
  static long firstWithExponent16(MemorySegment bytes, short exponent) {
    long n = bytes.byteSize() / 2;
    long i = 0;
    for (long end = n - n % SHORTS.length(); i < end; i += SHORTS.length()) {
      ShortVector v =
          ShortVector.fromMemorySegment(SHORTS, bytes, 2 * i, ByteOrder.LITTLE_ENDIAN)
              .and(exponent);
      if (v.compare(VectorOperators.EQ, exponent).anyTrue()) {
        break;
      }
    }
    for (; i < n; i++) {
      short s = bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i);
      if ((s & exponent) == exponent) {
        return i;
      }
    }
    return -1;
  }

  private static long firstNonFinite32(MemorySegment bytes) {
    for (long i = 0; i < bytes.byteSize() / 4; i++) {
      if (!Float.isFinite(bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i))) {
        return i;
      }
    }
    return -1;
  }
}
