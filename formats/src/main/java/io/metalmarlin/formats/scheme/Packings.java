package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.floating.FloatPackings;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.integer.IntegerPackings;
import io.metalmarlin.formats.scheme.integer.ModelOptInt4;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;
import java.util.stream.Stream;

/// The byte layouts this version reads and writes; of a layout with parameters one entry for each
/// set of them that is tested. A new packing is one line here.
public final class Packings {
  public static final List<Packing> ALL =
      Stream.of(
              List.of(CompressedTensorsNvfp4.INSTANCE, ModelOptNvfp4.INSTANCE),
              IntegerPackings.ALL,
              FloatPackings.ALL,
              scaledColumns(),
              MlxFloat.ALL,
              mlxAffine(),
              sparse(),
              blocks())
          .<Packing>flatMap(List::stream)
          .toList();

  private Packings() {}

  private static List<ColumnScaledPacking> scaledColumns() {
    return List.of(
        new ColumnScaledPacking(ModelOptNvfp4.INSTANCE, DType.BF16),
        new ColumnScaledPacking(
            new ModelOptInt4(new IntScheme(4, 64, ScaleType.F32, Zero.NONE)), DType.F16));
  }

  private static List<Sparse24Packing> sparse() {
    return Stream.of(
            Nvfp4Scheme.INSTANCE,
            new IntScheme(4, 32, ScaleType.F16, Zero.NONE),
            new IntScheme(4, 64, ScaleType.BF16, Zero.NONE),
            new IntScheme(4, 128, ScaleType.F32, Zero.NONE),
            new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, Zero.NONE))
        .map(Sparse24Packing::new)
        .toList();
  }

  private static List<MlxAffine> mlxAffine() {
    return Stream.concat(
            MlxAffine.BITS.stream().sorted().map(bits -> MlxAffine.of(bits, 64, ScaleType.BF16)),
            Stream.of(MlxAffine.of(4, 32, ScaleType.F16), MlxAffine.of(4, 128, ScaleType.F32)))
        .toList();
  }

  private static List<BlockPacking> blocks() {
    return BlockCodecs.ALL.stream().map(BlockCodec::type).map(BlockPacking::new).toList();
  }
}
