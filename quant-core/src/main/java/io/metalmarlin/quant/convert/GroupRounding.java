package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.scheme.AbsmaxQuantizer;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Plain rounding to a grid of groups, as the producers of the target's layout round. The packed
/// matrix of one module is the only large thing held.
record GroupRounding(CheckpointWriter writer, Workers workers) {
  TileSum run(
      ConvertStep.Requantize step,
      GroupPacking packing,
      WeightSource.Reader reader,
      TensorScale tensorScale) {
    int rows = step.source().rows();
    int cols = step.source().cols();
    GroupScheme scheme = packing.scheme();
    try (Arena arena = Arena.ofShared()) {
      long zeroBytes = QuantizedMatrix.zeroBytes(scheme, rows, cols);
      QuantizedMatrix whole =
          new QuantizedMatrix(
              scheme,
              rows,
              cols,
              arena.allocate(QuantizedMatrix.codeBytes(scheme, rows, cols), 64),
              arena.allocate(QuantizedMatrix.scaleBytes(scheme, rows, cols), 64),
              tensorScale,
              zeroBytes == 0 ? null : arena.allocate(zeroBytes, 64),
              null);
      TileSum sum =
          Tiles.rows(rows, cols, scheme.groupRows())
              .run(workers, (from, to) -> tile(step, packing, reader, whole, (int) from, (int) to));
      write(step, packing, whole, arena);
      return sum;
    }
  }

  private static TileSum tile(
      ConvertStep.Requantize step,
      GroupPacking packing,
      WeightSource.Reader reader,
      QuantizedMatrix whole,
      int from,
      int to) {
    int cols = whole.cols();
    float[] w = new float[Math.multiplyExact(to - from, cols)];
    reader.read(from, to, w);
    RoundedSteps.requireFinite(step.name(), w, w.length);
    QuantizedMatrix tile =
        AbsmaxQuantizer.quantize(
            packing, w, to - from, cols, whole.tensorScale(), step.source().type());
    QuantizedMatrix place = whole.rows(from, to);
    place.codes().copyFrom(tile.codes());
    place.scales().copyFrom(tile.scales());
    MemorySegment zeros = place.zeros();
    MemorySegment made = tile.zeros();
    if (zeros != null && made != null) {
      zeros.copyFrom(made);
    }
    float[] q = new float[w.length];
    tile.decode(0, to - from, q);
    return TileSum.of(w, q);
  }

  private void write(
      ConvertStep.Requantize step, GroupPacking packing, QuantizedMatrix whole, Arena arena) {
    List<TensorInfo> outputs = step.outputs();
    List<MemorySegment> planes =
        outputs.stream().map(t -> arena.allocate(t.byteSize(), 64)).toList();
    packing.encode(whole, planes);
    for (int i = 0; i < outputs.size(); i++) {
      writer.write(outputs.get(i).name(), 0, planes.get(i));
    }
  }
}
