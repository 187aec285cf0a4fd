package io.metalmarlin.formats.scheme.sparse24;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Version 1 of our layout of 2:4 sparse matrices, `docs/formats/sparse24.md`: the kept codes as a
/// matrix of half the width, a pattern of 3 bits for every four columns, the scales of the kept
/// columns.
///
/// The planes carry names of their own, so that no program takes them for a dense pack.
///
/// @param values the grid of the kept columns: NVFP4, or symmetric 4-bit integers in groups of
///   columns
public record Sparse24Packing(GroupScheme values) implements Packing {
  /// The parameters that are tested.
  public static final List<Sparse24Packing> ALL =
      Stream.of(
              Nvfp4Scheme.INSTANCE,
              new IntScheme(4, 32, ScaleType.F16, Zero.NONE),
              new IntScheme(4, 64, ScaleType.BF16, Zero.NONE),
              new IntScheme(4, 128, ScaleType.F32, Zero.NONE),
              new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, Zero.NONE))
          .map(Sparse24Packing::new)
          .toList();

  /// What every module's configuration names; a change of any byte gets another number.
  public static final int VERSION = 1;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final String KEPT = "weight_kept";
  private static final String PATTERN = "weight_pattern";
  private static final String SCALE = "weight_scale";
  private static final String TENSOR_SCALE = "weight_global_scale";

  public Sparse24Packing {
    if (!holds(values)) {
      throw new IllegalArgumentException("no 2:4 layout for values of " + values.name());
    }
  }

  /// Whether this layout has a form for kept columns of that grid.
  public static boolean holds(GroupScheme values) {
    return values.equals(Nvfp4Scheme.INSTANCE)
        || values instanceof IntScheme i && i.bits() == 4 && i.zero() == Zero.NONE;
  }

  @Override
  public String name() {
    return "sparse24-" + values.name();
  }

  @Override
  public Sparse24Scheme scheme() {
    return new Sparse24Scheme(values);
  }

  /// How absmax scales and codes of the kept columns are made.
  public Profile profile() {
    return values instanceof IntScheme i
        ? new KeptIntProfile(i)
        : CompressedTensorsNvfp4.INSTANCE.profile();
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless `cols` holds whole patterns and whole groups of
  ///   kept columns
  @Override
  public List<Plane> planes(int rows, int cols) {
    if (cols % scheme().columnMultiple() != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name(),
          "input %d is not a multiple of %d (2:4 group)".formatted(cols, scheme().columnMultiple()),
          "Leave the module out with --ignore, or choose a smaller --group-size.");
    }
    int kept = cols / 2;
    long groups = kept / Math.min(kept, values.groupSize());
    List<Plane> planes = new ArrayList<>();
    planes.add(new Plane(KEPT, DType.U8, List.of((long) rows, (long) Math.ceilDiv(kept, 2))));
    planes.add(
        new Plane(PATTERN, DType.U8, List.of((long) rows, (long) Sparse24Matrix.stride(cols))));
    planes.add(new Plane(SCALE, values.scaleType().dtype(), List.of((long) rows, groups)));
    if (values.hasTensorScale()) {
      planes.add(new Plane(TENSOR_SCALE, DType.F32, List.of(1L)));
    }
    return planes;
  }

  @Override
  public void encode(PackedMatrix matrix, List<MemorySegment> planes) {
    Sparse24Matrix m = (Sparse24Matrix) matrix;
    planes.get(0).copyFrom(m.values().codes());
    planes.get(1).copyFrom(m.patterns());
    planes.get(2).copyFrom(m.values().scales());
    if (values.hasTensorScale()) {
      planes.get(3).set(FLOAT, 0, m.values().tensorScale().as(TensorScale.Kind.DIVISOR).value());
    }
  }

  /// A view: nothing but the tensor scale is copied. Every pattern is looked at, since a kernel
  /// must be able to trust them.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` naming row and quad of a pattern index that is none,
  ///   `NON_FINITE` unless the tensor scale is positive and finite
  @Override
  public Sparse24Matrix decode(List<MemorySegment> planes, int rows, int cols) {
    Patterns.require(PATTERN, planes.get(1), rows, cols);
    return new Sparse24Matrix(
        new QuantizedMatrix(
            values, rows, cols / 2, planes.get(0), planes.get(2), tensorScale(planes)),
        planes.get(1));
  }

  private TensorScale tensorScale(List<MemorySegment> planes) {
    if (!values.hasTensorScale()) {
      return TensorScale.NONE;
    }
    float scale = planes.get(3).get(FLOAT, 0);
    if (!Float.isFinite(scale) || scale <= 0) {
      throw new MarlinException(
          ErrorCode.NON_FINITE,
          TENSOR_SCALE,
          "the tensor scale is " + scale + ", it must be positive and finite",
          "The checkpoint is damaged or was written by a faulty tool; quantize again.");
    }
    return new TensorScale(TensorScale.Kind.DIVISOR, scale);
  }
}
