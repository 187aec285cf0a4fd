package io.metalmarlin.formats.scheme.fpquant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// FP-Quant with `forward_dtype` `nvfp4` or `mxfp4`: `qweight` U8 `[out, in/2]`, low nibble first,
/// `scales` U8 with the bits of E4M3 or E8M0 numbers, row-major, `weight_global_scale` F32 `[1]`, a
/// divisor. Elements that are zero are stored as -0 (code 8).
public final class FpQuantPacking implements Packing {
  public static final FpQuantPacking NVFP4 = new FpQuantPacking("nvfp4", Nvfp4Scheme.INSTANCE);
  public static final FpQuantPacking MXFP4 = new FpQuantPacking("mxfp4", ScaledMxfp4.INSTANCE);

  /// Both layouts.
  public static final List<FpQuantPacking> ALL = List.of(NVFP4, MXFP4);

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String forwardDtype;
  private final GroupScheme scheme;

  private FpQuantPacking(String forwardDtype, GroupScheme scheme) {
    this.forwardDtype = forwardDtype;
    this.scheme = scheme;
  }

  /// What the configuration calls it.
  public String forwardDtype() {
    return forwardDtype;
  }

  @Override
  public String name() {
    return "fp-quant-" + forwardDtype;
  }

  @Override
  public GroupScheme scheme() {
    return scheme;
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless a row is whole groups
  @Override
  public List<Plane> planes(int rows, int cols) {
    if (cols % scheme.groupSize() != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name(),
          "input %d is not a multiple of %d (group)".formatted(cols, scheme.groupSize()),
          "Leave the module out with --ignore.");
    }
    return List.of(
        new Plane("qweight", DType.U8, List.of((long) rows, cols / 2L)),
        new Plane("scales", DType.U8, List.of((long) rows, (long) cols / scheme.groupSize())),
        new Plane("weight_global_scale", DType.F32, List.of(1L)));
  }

  @Override
  public void encode(PackedMatrix matrix, List<MemorySegment> planes) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    planes.get(0).copyFrom(m.codes());
    planes.get(1).copyFrom(m.scales());
    planes.get(2).set(FLOAT, 0, m.tensorScale().as(TensorScale.Kind.DIVISOR).value());
  }

  /// A view, unless scales of empty groups had to be replaced.
  ///
  /// @throws MarlinException `NON_FINITE` unless the tensor scale is positive and finite
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    float divisor = planes.get(2).get(FLOAT, 0);
    if (!Float.isFinite(divisor) || divisor <= 0) {
      throw new MarlinException(
          ErrorCode.NON_FINITE,
          "weight_global_scale",
          "the tensor scale is " + divisor + ", it must be positive and finite",
          "The checkpoint is damaged or was written by a faulty tool; quantize again.");
    }
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        planes.get(0),
        emptyGroupsAsZero(planes.get(0), planes.get(1)),
        new TensorScale(TensorScale.Kind.DIVISOR, divisor));
  }

  /// With torch before 2.12 a group of zeros has the scale NaN: its elements are all zero, so any
  /// scale says the same, and 0 is stored instead. A NaN over other elements stays.
  private MemorySegment emptyGroupsAsZero(MemorySegment codes, MemorySegment scales) {
    if (scheme.scaleType() != ScaleType.E4M3) {
      return scales;
    }
    MemorySegment out = scales;
    int bytes = scheme.groupSize() / 2;
    for (long group = 0; group < scales.byteSize(); group++) {
      if (E4M3.isNaN(scales.get(JAVA_BYTE, group) & 0xff) && isZero(codes, group * bytes, bytes)) {
        if (out == scales) {
          out = MemorySegment.ofArray(scales.toArray(JAVA_BYTE));
        }
        out.set(JAVA_BYTE, group, (byte) 0);
      }
    }
    return out;
  }

  private static boolean isZero(MemorySegment codes, long from, int bytes) {
    int magnitudes = 0;
    for (int i = 0; i < bytes; i++) {
      magnitudes |= codes.get(JAVA_BYTE, from + i) & 0x77;
    }
    return magnitudes == 0;
  }
}
