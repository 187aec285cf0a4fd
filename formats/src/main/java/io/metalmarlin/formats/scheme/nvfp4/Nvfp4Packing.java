package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// The layout both NVFP4 dialects share: codes (U8, byte `j` = column `2j` low, `2j+1` high),
/// scales (E4M3, row-major, not swizzled), one fp32 tensor scale. They differ in names, in the
/// tensor scale's direction and in its shape.
abstract sealed class Nvfp4Packing implements GroupPacking
    permits CompressedTensorsNvfp4, ModelOptNvfp4 {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  abstract String codesSuffix();

  abstract String tensorScaleSuffix();

  abstract List<Long> tensorScaleShape();

  @Override
  public final GroupScheme scheme() {
    return Nvfp4Scheme.INSTANCE;
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless `cols` is a multiple of 16
  @Override
  public final List<Plane> planes(int rows, int cols) {
    if (cols % Nvfp4Scheme.GROUP_SIZE != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name(),
          "input " + cols + " is not a multiple of 16 (NVFP4 group)",
          "Leave the module out with --ignore.");
    }
    return List.of(
        new Plane(codesSuffix(), DType.U8, List.of((long) rows, cols / 2L)),
        new Plane("weight_scale", DType.F8_E4M3, List.of((long) rows, cols / 16L)),
        new Plane(tensorScaleSuffix(), DType.F32, tensorScaleShape()));
  }

  @Override
  public final boolean views() {
    return true;
  }

  @Override
  public final void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    planes.get(0).copyFrom(matrix.codes());
    planes.get(1).copyFrom(matrix.scales());
    planes.get(2).set(FLOAT, 0, matrix.tensorScale().as(tensorScaleKind()).value());
  }

  /// Parts of the matrix: nothing but the tensor scale is copied.
  @Override
  public final List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    MemorySegment scale = memory.allocateFrom(FLOAT, m.tensorScale().as(tensorScaleKind()).value());
    return List.of(m.codes(), m.scales(), scale);
  }

  /// A view: nothing but the tensor scale is copied.
  ///
  /// @throws MarlinException `NON_FINITE` unless the tensor scale is positive and finite
  @Override
  public final QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    float scale = planes.get(2).get(FLOAT, 0);
    if (!Float.isFinite(scale) || scale <= 0) {
      throw new MarlinException(
          ErrorCode.NON_FINITE,
          tensorScaleSuffix(),
          "the tensor scale is " + scale + ", it must be positive and finite",
          "The checkpoint is damaged or was written by a faulty tool; quantize again.");
    }
    return new QuantizedMatrix(
        scheme(),
        rows,
        cols,
        planes.get(0),
        planes.get(1),
        new TensorScale(tensorScaleKind(), scale));
  }
}
