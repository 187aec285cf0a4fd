package io.metalmarlin.formats.scheme.gptoss;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// MXFP4 as gpt-oss stores one expert's projection: `blocks` U8 `[out, in/32, 16]`, low nibble
/// first, `scales` U8 `[out, in/32]` with the bits of E8M0 numbers. The bytes are those of other
/// MXFP4 layouts, only the shape has one dimension more.
public final class GptOssMxfp4 implements Packing {
  public static final GptOssMxfp4 INSTANCE = new GptOssMxfp4();

  private static final int GROUP_SIZE = FloatScheme.MXFP4.groupSize();

  private GptOssMxfp4() {}

  @Override
  public String name() {
    return "gpt-oss-mxfp4";
  }

  @Override
  public FloatScheme scheme() {
    return FloatScheme.MXFP4;
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless a row is whole groups
  @Override
  public List<Plane> planes(int rows, int cols) {
    if (cols % GROUP_SIZE != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name(),
          "input " + cols + " is not a multiple of " + GROUP_SIZE + " (MXFP4 group)",
          "Leave the module out with --ignore.");
    }
    long groups = (long) cols / GROUP_SIZE;
    return List.of(
        new Plane("blocks", DType.U8, List.of((long) rows, groups, GROUP_SIZE / 2L)),
        new Plane("scales", DType.U8, List.of((long) rows, groups)));
  }

  @Override
  public void encode(PackedMatrix matrix, List<MemorySegment> planes) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    planes.get(0).copyFrom(m.codes());
    planes.get(1).copyFrom(m.scales());
  }

  /// A view: nothing is copied.
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return new QuantizedMatrix(
        scheme(), rows, cols, planes.get(0), planes.get(1), TensorScale.NONE);
  }
}
