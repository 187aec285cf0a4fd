package io.metalmarlin.formats.scheme.mlx;

import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// MLX mode `affine`: `weight` U32 `[out, in*bits/32]`, one stream of codes a row, least
/// significant bits first; `scales` and `biases` `[out, in/group]` in one float type. A weight is
/// `code * scale + bias`; scales may be negative.
///
/// @param scheme codes of 2, 3, 4, 5, 6 or 8 bits in groups of 32, 64 or 128 with a bias
public record MlxAffine(IntScheme scheme) implements GroupPacking {
  /// Widths that MLX has kernels for.
  public static final Set<Integer> BITS = Set.of(2, 3, 4, 5, 6, 8);

  /// Group sizes that MLX has kernels for.
  public static final Set<Integer> GROUPS = Set.of(32, 64, 128);

  /// The parameters that are tested.
  public static final List<MlxAffine> ALL =
      Stream.concat(
              BITS.stream().sorted().map(bits -> of(bits, 64, ScaleType.BF16)),
              Stream.of(of(4, 32, ScaleType.F16), of(4, 128, ScaleType.F32)))
          .toList();

  public MlxAffine {
    if (scheme.zero() != Zero.BIAS || !canHold(scheme.bits(), scheme.groupSize())) {
      throw new IllegalArgumentException("MLX has no affine layout for " + scheme.name());
    }
  }

  /// The layout of that width, group size and type of scales.
  public static MlxAffine of(int bits, int groupSize, ScaleType scaleType) {
    return new MlxAffine(new IntScheme(bits, groupSize, scaleType, Zero.BIAS));
  }

  /// Whether MLX has this mode in that width and group size.
  public static boolean canHold(int bits, int groupSize) {
    return BITS.contains(bits) && GROUPS.contains(groupSize);
  }

  @Override
  public String name() {
    return "mlx-" + scheme.name();
  }

  @Override
  public Profile profile() {
    return new MlxAffineProfile(scheme.bits(), scheme.scaleType());
  }

  @Override
  public List<Plane> planes(int rows, int cols) {
    return List.of(
        MlxPlanes.codes(name(), scheme, rows, cols),
        MlxPlanes.perGroup("scales", scheme.scaleType().dtype(), scheme, rows, cols),
        MlxPlanes.perGroup("biases", scheme.scaleType().dtype(), scheme, rows, cols));
  }

  @Override
  public void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    planes.get(0).copyFrom(matrix.codes());
    planes.get(1).copyFrom(matrix.scales());
    planes.get(2).copyFrom(java.util.Objects.requireNonNull(matrix.zeros()));
  }

  /// Parts of the matrix: nothing is copied.
  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    return List.of(m.codes(), m.scales(), java.util.Objects.requireNonNull(m.zeros()));
  }

  /// A view: nothing is copied.
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return new QuantizedMatrix(
        scheme, rows, cols, planes.get(0), planes.get(1), TensorScale.NONE, planes.get(2), null);
  }
}
