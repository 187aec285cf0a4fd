package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.scheme.blocks.GroupedBlocks;
import io.metalmarlin.formats.scheme.blocks.ScaledNvfp4;
import io.metalmarlin.formats.scheme.codebook.CodebookPacking;
import io.metalmarlin.formats.scheme.floating.FloatPackings;
import io.metalmarlin.formats.scheme.fpquant.FpQuantPacking;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.gptoss.GptOssMxfp4;
import io.metalmarlin.formats.scheme.gptq.GptqPackings;
import io.metalmarlin.formats.scheme.integer.IntegerPackings;
import io.metalmarlin.formats.scheme.integer.ModelOptInt4;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.formats.tensor.DType;
import java.util.Collection;
import java.util.List;

/// The byte layouts this version reads and writes; of a layout with parameters one entry for each
/// set of them that is tested, from a list of its own. A new packing is one line here.
public final class Packings {
  private static final List<List<? extends Packing>> FAMILIES =
      List.of(
          List.of(CompressedTensorsNvfp4.INSTANCE),
          List.of(ModelOptNvfp4.INSTANCE),
          IntegerPackings.ALL,
          FloatPackings.ALL,
          List.of(
              new ColumnScaledPacking(ModelOptNvfp4.INSTANCE, DType.BF16),
              new ColumnScaledPacking(
                  new ModelOptInt4(new IntScheme(4, 64, ScaleType.F32, GroupScheme.Zero.NONE)),
                  DType.F16)),
          MlxFloat.ALL,
          MlxAffine.ALL,
          GptqPackings.ALL,
          FpQuantPacking.ALL,
          List.of(GptOssMxfp4.INSTANCE),
          Sparse24Packing.ALL,
          CodebookPacking.ALL,
          TrellisPacking.ALL,
          List.of(ScaledNvfp4.INSTANCE),
          GroupedBlocks.PACKINGS,
          BlockCodecs.ALL.stream().map(BlockCodec::type).map(BlockPacking::new).toList());

  public static final List<Packing> ALL =
      FAMILIES.stream().<Packing>flatMap(Collection::stream).toList();

  private Packings() {}
}
