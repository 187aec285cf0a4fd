package io.metalmarlin.formats.scheme.floating;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// Microscaling as compressed-tensors stores it, ModelOpt its MXFP8 too: `weight_packed` U8 `[out,
/// in/2]` (byte `j` = column `2j` low, `2j+1` high) or `weight` F8_E4M3 `[out, in]`, and
/// `weight_scale` U8 `[out, in/32]`, the bits of E8M0.
///
/// @param scheme [FloatScheme#MXFP4] or [FloatScheme#MXFP8]
/// @param name the format's name in configurations
public record MxPacking(FloatScheme scheme, String name) implements GroupPacking {
  /// `mxfp4-pack-quantized`.
  public static final MxPacking MXFP4 = new MxPacking(FloatScheme.MXFP4, "mxfp4-pack-quantized");

  /// `mxfp8-quantized`.
  public static final MxPacking MXFP8 = new MxPacking(FloatScheme.MXFP8, "mxfp8-quantized");

  @Override
  public Profile profile() {
    return new CompressedTensorsMxProfile(scheme);
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless `cols` is a multiple of 32
  @Override
  public List<Plane> planes(int rows, int cols) {
    if (cols % scheme.groupSize() != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name,
          "input %d is not a multiple of %d (group)".formatted(cols, scheme.groupSize()),
          "Leave the module out with --ignore.");
    }
    Plane codes =
        scheme.codeBits() == 4
            ? new Plane("weight_packed", DType.U8, List.of((long) rows, cols / 2L))
            : new Plane("weight", DType.F8_E4M3, List.of((long) rows, (long) cols));
    long groups = cols / scheme.groupSize();
    return List.of(codes, new Plane("weight_scale", DType.U8, List.of((long) rows, groups)));
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
