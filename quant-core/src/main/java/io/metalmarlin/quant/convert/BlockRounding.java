package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.quant.solve.BlockRows;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Rounding to a block type of ggml, as ggml encodes it. Rows are written as they are made.
///
/// @param importance of the columns, for modules that have one
record BlockRounding(
    CheckpointWriter writer, Workers workers, Optional<ModuleImportance> importance) {
  /// @throws io.metalmarlin.formats.MarlinException `NON_FINITE` for a weight of the source,
  ///   `NUMERIC_FAILURE` for a block that would hold no numbers
  TileSum run(ConvertStep.Requantize step, BlockPacking packing, WeightSource.Reader reader) {
    int cols = step.source().cols();
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
              MemorySegment blocks =
                  MemorySegment.ofArray(new byte[Math.multiplyExact(rows, stride)]);
              float[] q =
                  BlockRows.encode(w, columns, new BlockMatrix(packing.type(), rows, cols, blocks));
              writer.write(tensor, from * stride, blocks);
              return TileSum.of(w, q);
            });
  }
}
