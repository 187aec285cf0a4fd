package io.metalmarlin.formats.scheme.blocks;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// Two-level NVFP4 in GGUF: a tensor of NVFP4 blocks and beside it an F32 factor that llama.cpp
/// applies to the product. The file calls it `STEM.scale`; here it has ModelOpt's name, whose
/// direction and rounding habits it shares.
public final class ScaledNvfp4 implements GroupPacking {
  public static final ScaledNvfp4 INSTANCE = new ScaledNvfp4();

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final String SCALE = "weight_scale_2";
  private static final BlockPacking BLOCKS = new BlockPacking(DType.NVFP4);

  private ScaledNvfp4() {}

  @Override
  public String name() {
    return "ggml-nvfp4-scaled";
  }

  @Override
  public GroupScheme scheme() {
    return Nvfp4Scheme.INSTANCE;
  }

  @Override
  public TensorScale.Kind tensorScaleKind() {
    return TensorScale.Kind.MULTIPLIER;
  }

  @Override
  public Profile profile() {
    return ModelOptNvfp4.INSTANCE.profile();
  }

  @Override
  public List<Plane> planes(int rows, int cols) {
    return List.of(BLOCKS.planes(rows, cols).getFirst(), new Plane(SCALE, DType.F32, List.of(1L)));
  }

  @Override
  public void encode(QuantizedMatrix m, List<MemorySegment> planes) {
    QuantizedMatrix single = m.withTensorScale(Nvfp4Scheme.SINGLE_LEVEL, TensorScale.NONE);
    GroupedBlocks.blocks(single, DType.NVFP4, (size, alignment) -> planes.getFirst());
    planes.get(1).set(FLOAT, 0, m.tensorScale().as(tensorScaleKind()).value());
  }

  @Override
  public List<MemorySegment> store(PackedMatrix matrix, SegmentAllocator memory) {
    QuantizedMatrix m = (QuantizedMatrix) matrix;
    QuantizedMatrix single = m.withTensorScale(Nvfp4Scheme.SINGLE_LEVEL, TensorScale.NONE);
    return List.of(
        GroupedBlocks.blocks(single, DType.NVFP4, memory).blocks(),
        memory.allocateFrom(FLOAT, m.tensorScale().as(tensorScaleKind()).value()));
  }

  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    return decode(planes, rows, cols, Arena.ofAuto());
  }

  /// @throws MarlinException `NON_FINITE` unless the tensor scale is positive and finite
  @Override
  public QuantizedMatrix decode(
      List<MemorySegment> planes, int rows, int cols, SegmentAllocator memory) {
    float scale = planes.get(1).get(FLOAT, 0);
    if (!Float.isFinite(scale) || scale <= 0) {
      throw new MarlinException(
          ErrorCode.NON_FINITE,
          SCALE,
          "the tensor scale is " + scale + ", it must be positive and finite",
          "The checkpoint is damaged or was written by a faulty tool; quantize again.");
    }
    return GroupedBlocks.grouped(
            new BlockMatrix(DType.NVFP4, rows, cols, planes.get(0)), true, memory)
        .withTensorScale(Nvfp4Scheme.INSTANCE, new TensorScale(tensorScaleKind(), scale));
  }
}
