package io.metalmarlin.formats.scheme.codebook;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// Version 1 of our layout of codebooks, `docs/formats/codebook.md`: `weight_codes` U8, one stream
/// of codes a row, least significant bits first, each row from a byte on; `weight_scale`, one scale
/// a group.
///
/// The names are our own, so that no program takes the codes for integers.
public record CodebookPacking(CodebookScheme scheme) implements GroupPacking {
  /// The parameters that are tested.
  public static final List<CodebookPacking> ALL =
      List.of(
          of(2, 32, ScaleType.F16),
          of(3, 64, ScaleType.BF16),
          of(4, 64, ScaleType.F16),
          of(4, 128, ScaleType.F32),
          of(3, GroupScheme.WHOLE, ScaleType.BF16));

  private static final String CODES = "weight_codes";
  private static final String SCALE = "weight_scale";

  private static CodebookPacking of(int bits, int groupSize, ScaleType scaleType) {
    return new CodebookPacking(new CodebookScheme(bits, groupSize, scaleType));
  }

  @Override
  public String name() {
    return "codebook-" + scheme.name();
  }

  @Override
  public Profile profile() {
    return new CodebookProfile(scheme);
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless a row is whole groups
  @Override
  public List<Plane> planes(int rows, int cols) {
    int group = Math.min(cols, scheme.groupSize());
    if (cols % group != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name(),
          "input %d is not a multiple of %d (codebook group)".formatted(cols, group),
          "Leave the module out with --ignore, or choose a smaller --group-size.");
    }
    long bytes = Math.ceilDiv((long) cols * scheme.bits(), 8L);
    return List.of(
        new Plane(CODES, DType.U8, List.of((long) rows, bytes)),
        new Plane(SCALE, scheme.scaleType().dtype(), List.of((long) rows, (long) cols / group)));
  }

  @Override
  public void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    planes.get(0).copyFrom(matrix.codes());
    planes.get(1).copyFrom(matrix.scales());
  }

  /// Parts of the matrix: nothing is copied.
  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    return List.of(m.codes(), m.scales());
  }

  /// A view: nothing is copied.
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return new QuantizedMatrix(scheme, rows, cols, planes.get(0), planes.get(1), TensorScale.NONE);
  }
}
