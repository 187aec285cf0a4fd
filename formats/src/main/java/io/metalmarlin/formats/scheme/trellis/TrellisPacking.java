package io.metalmarlin.formats.scheme.trellis;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// Version 1 of our layout of trellis codes: `weight_symbols` U8, one stream of symbols a row,
/// least significant bits first, each row from a byte on; `weight_scale`, one scale a group.
public record TrellisPacking(TrellisScheme scheme) implements Packing {
  /// The parameters that are tested.
  public static final List<TrellisPacking> ALL =
      List.of(
          of(2, 32, ScaleType.F16),
          of(3, 64, ScaleType.BF16),
          of(4, 64, ScaleType.F32),
          of(2, GroupScheme.WHOLE, ScaleType.BF16));

  private static final String SYMBOLS = "weight_symbols";
  private static final String SCALE = "weight_scale";

  private static TrellisPacking of(int bits, int groupSize, ScaleType scaleType) {
    return new TrellisPacking(new TrellisScheme(bits, groupSize, scaleType));
  }

  @Override
  public String name() {
    return scheme.name();
  }

  /// What a solver asks of the scales.
  public Profile profile() {
    return new TrellisProfile(scheme.symbols());
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless a row is whole groups and the rows are a
  ///   multiple of [TrellisScheme#ROW_MULTIPLE]
  @Override
  public List<Plane> planes(int rows, int cols) {
    int group = Math.min(cols, scheme.groupSize());
    require(cols, group, "input %d is not a multiple of %d (trellis group)");
    require(rows, TrellisScheme.ROW_MULTIPLE, "output %d is not a multiple of %d (trellis rows)");
    long bytes = Math.ceilDiv((long) cols * scheme.bits(), 8L);
    return List.of(
        new Plane(SYMBOLS, DType.U8, List.of((long) rows, bytes)),
        new Plane(SCALE, scheme.scaleType().dtype(), List.of((long) rows, (long) cols / group)));
  }

  private void require(int size, int multiple, String what) {
    if (size % multiple != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name(),
          what.formatted(size, multiple),
          "Leave the module out with --ignore, or choose another --group-size or --scheme.");
    }
  }

  @Override
  public void encode(PackedMatrix matrix, List<MemorySegment> planes) {
    QuantizedMatrix symbols = ((TrellisMatrix) matrix).symbols();
    planes.get(0).copyFrom(symbols.codes());
    planes.get(1).copyFrom(symbols.scales());
  }

  /// Parts of the matrix: nothing is copied.
  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    QuantizedMatrix symbols = ((TrellisMatrix) matrix).symbols();
    return List.of(symbols.codes(), symbols.scales());
  }

  /// A view: nothing is copied.
  @Override
  public TrellisMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return new TrellisMatrix(
        scheme,
        new QuantizedMatrix(
            scheme.symbols(), rows, cols, planes.get(0), planes.get(1), TensorScale.NONE));
  }
}
