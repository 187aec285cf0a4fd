package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Rounding to a block type of ggml, as ggml encodes it. Rows are written as they are made.
///
/// @param importance of the columns, for modules that have one
record BlockRounding(
    CheckpointWriter writer, Workers workers, Optional<ModuleImportance> importance) {
  TileSum run(ConvertStep.Requantize step, BlockPacking packing, WeightSource.Reader reader) {
    int cols = step.source().cols();
    BlockCodec codec = BlockCodecs.of(packing.type());
    int stride = cols / packing.type().blockElements() * packing.type().blockBytes();
    float[] columns = importance.flatMap(i -> i.columns(step.name(), cols)).orElse(null);
    String tensor = step.outputs().getFirst().name();
    return Tiles.rows(step.source().rows(), cols, 1)
        .run(
            workers,
            (from, to) -> {
              int rows = (int) (to - from);
              float[] w = new float[Math.multiplyExact(rows, cols)];
              reader.read((int) from, (int) to, w);
              RoundedSteps.requireFinite(step.name(), w, w.length);
              byte[] blocks = new byte[Math.multiplyExact(rows, stride)];
              for (int row = 0; row < rows; row++) {
                codec.encodeRow(w, row * cols, cols, columns, 0, blocks, row * stride);
              }
              MemorySegment bytes = MemorySegment.ofArray(blocks);
              writer.write(tensor, from * stride, bytes);
              float[] q = new float[w.length];
              new BlockMatrix(packing.type(), rows, cols, bytes).decode(0, rows, q);
              return TileSum.of(w, q);
            });
  }
}
