package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import java.util.List;
import java.util.stream.Stream;

/// The byte layouts this version reads and writes; of a layout with parameters one entry for each
/// set of them that is tested. A new packing is one line here.
public final class Packings {
  public static final List<Packing> ALL =
      Stream.of(List.of(CompressedTensorsNvfp4.INSTANCE, ModelOptNvfp4.INSTANCE), blocks())
          .<Packing>flatMap(List::stream)
          .toList();

  private Packings() {}

  private static List<BlockPacking> blocks() {
    return BlockCodecs.ALL.stream().map(BlockCodec::type).map(BlockPacking::new).toList();
  }
}
