package io.metalmarlin.formats.scheme.mlx;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Optional;

/// MLX modes `mxfp4`, `mxfp8` and `nvfp4`: `weight` U32 `[out, in*bits/32]`, `scales` U8 `[out,
/// in/group]` with the bits of an E8M0 or E4M3 number. No biases, no tensor scale.
public final class MlxFloat implements GroupPacking {
  public static final MlxFloat MXFP4 = new MlxFloat("mxfp4", FloatScheme.MXFP4);
  public static final MlxFloat MXFP8 = new MlxFloat("mxfp8", FloatScheme.MXFP8);
  public static final MlxFloat NVFP4 = new MlxFloat("nvfp4", Nvfp4Scheme.SINGLE_LEVEL);

  /// All modes of small floats.
  public static final List<MlxFloat> ALL = List.of(MXFP4, MXFP8, NVFP4);

  private final String mode;
  private final GroupScheme scheme;

  private MlxFloat(String mode, GroupScheme scheme) {
    this.mode = mode;
    this.scheme = scheme;
  }

  /// The layout of a mode.
  public static Optional<MlxFloat> of(String mode) {
    return ALL.stream().filter(f -> f.mode.equals(mode)).findFirst();
  }

  /// The layout of a grid.
  public static Optional<MlxFloat> of(Scheme scheme) {
    return ALL.stream().filter(f -> f.scheme.equals(scheme)).findFirst();
  }

  @Override
  public String name() {
    return "mlx-" + mode;
  }

  /// What MLX calls it in a configuration.
  public String mode() {
    return mode;
  }

  @Override
  public GroupScheme scheme() {
    return scheme;
  }

  @Override
  public Profile profile() {
    return new MlxFloatProfile(scheme);
  }

  @Override
  public List<Plane> planes(int rows, int cols) {
    return List.of(
        MlxPlanes.codes(name(), scheme, rows, cols),
        MlxPlanes.perGroup("scales", DType.U8, scheme, rows, cols));
  }

  @Override
  public boolean views() {
    return true;
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
