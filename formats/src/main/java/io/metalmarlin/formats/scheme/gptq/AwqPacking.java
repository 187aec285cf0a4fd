package io.metalmarlin.formats.scheme.gptq;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// AWQ in version `gemm`: `qweight` I32 `[in, out/8]`, `qzeros` I32 `[in/group, out/8]`, `scales`
/// `[in/group, out]`. Eight outputs share a word, from the lowest nibble on in the order 0 2 4 6 1
/// 3 5 7. Zero points are stored as they are; symmetric packs have them too, all 8.
///
/// @param scheme 4 bits, symmetric or with zero points
public record AwqPacking(IntScheme scheme) implements GroupPacking {
  static final int[] ORDER = {0, 2, 4, 6, 1, 3, 5, 7};

  public AwqPacking {
    if (!canHold(scheme)) {
      throw new IllegalArgumentException("AWQ has no layout for " + scheme.name());
    }
  }

  /// Whether the format has that grid.
  public static boolean canHold(IntScheme scheme) {
    return scheme.bits() == 4 && scheme.zero() != Zero.BIAS;
  }

  @Override
  public String name() {
    return "awq-gemm-" + scheme.name();
  }

  @Override
  public Profile profile() {
    return new IntProfile(scheme, 0);
  }

  private ZeroPoints zeroPoints() {
    return new ZeroPoints(scheme, 0, ORDER);
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless an input is whole groups and both sides are
  ///   multiples of 8
  @Override
  public List<Plane> planes(int rows, int cols) {
    Divisible.require(name(), "input", cols, scheme.columnMultiple(), "AWQ group");
    Divisible.require(name(), "input", cols, 8, "block of nibbles");
    Divisible.require(name(), "output", rows, 8, "AWQ word");
    long groups = cols / Math.min(cols, scheme.groupSize());
    return List.of(
        new Plane("qweight", DType.I32, List.of((long) cols, rows / 8L)),
        new Plane("qzeros", DType.I32, List.of(groups, rows / 8L)),
        new Plane("scales", scheme.scaleType().dtype(), List.of(groups, (long) rows)));
  }

  /// @throws MarlinException `TARGET_CANNOT` for a zero point beyond 15, and for groups in the
  ///   order of activation
  @Override
  public void encode(QuantizedMatrix m, List<MemorySegment> planes) {
    if (m.groupIndex() != null) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          name(),
          "the groups are in the order of activation, AWQ has runs of inputs",
          "Choose gptq or compressed-tensors as the target.");
    }
    NibbleTranspose.toAwq(m.codes(), planes.get(0), m.rows(), m.cols());
    zeroPoints().write(m, planes.get(1));
    Transpose.elements(m.scales(), planes.get(2), m.rows(), m.groups(), scheme.scaleType().bytes());
  }

  /// @throws MarlinException as [#encode]
  @Override
  public List<MemorySegment> store(PackedMatrix m, SegmentAllocator memory) {
    List<MemorySegment> planes = GptqPacking.allocated(planes(m.rows(), m.cols()), memory);
    encode((QuantizedMatrix) m, planes);
    return planes;
  }

  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return decode(planes, rows, cols, GptqPacking::memory);
  }

  /// A copy.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` for zero points that contradict a symmetric scheme
  @Override
  public QuantizedMatrix decode(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    MemorySegment codes = memory.allocate(planes.get(0).byteSize(), 64);
    NibbleTranspose.fromAwq(planes.get(0), codes, rows, cols);
    return around(codes, planes, rows, cols, memory);
  }

  /// The codes are the stored bytes in their order.
  @Override
  public QuantizedMatrix decodeScales(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    return around(planes.get(0), planes, rows, cols, memory);
  }

  private QuantizedMatrix around(
      MemorySegment codes,
      List<MemorySegment> planes,
      int rows,
      int cols,
      SegmentAllocator memory) {
    int groups = cols / Math.min(cols, scheme.groupSize());
    MemorySegment scales = memory.allocate(planes.get(2).byteSize(), 64);
    Transpose.elements(planes.get(2), scales, groups, rows, scheme.scaleType().bytes());
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        codes,
        scales,
        TensorScale.NONE,
        zeroPoints().read(planes.get(1), rows, groups),
        null);
  }
}
