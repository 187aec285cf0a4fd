package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs the steps that compute: weights as numbers, row tile by row tile, the tiles shared among
/// the workers. Every step is measured against its source.
final class RoundedSteps {
  private final Checkpoint source;
  private final CheckpointWriter writer;
  private final Workers workers;
  private final List<ConvertStep> all;
  private final Optional<ModuleImportance> importance;
  private final Map<String, TensorScale> tensorScales = new HashMap<>();

  /// @param all the plan's steps: a tensor scale is shared with modules of other batches
  /// @param importance what the plan found for them
  RoundedSteps(
      Checkpoint source,
      CheckpointWriter writer,
      Workers workers,
      List<ConvertStep> all,
      Optional<ModuleImportance> importance) {
    this.source = source;
    this.writer = writer;
    this.workers = workers;
    this.all = all;
    this.importance = importance;
  }

  TensorReport run(ConvertStep step) {
    return switch (step) {
      case ConvertStep.Cast c -> cast(c);
      case ConvertStep.Dequantize d -> dequantize(d);
      case ConvertStep.Requantize q -> requantize(q);
      default -> throw new IllegalArgumentException(step + " needs no numbers");
    };
  }

  private TensorReport cast(ConvertStep.Cast c) {
    TensorInfo t = c.tensor();
    MemorySegment bytes = source.bytes(t.name());
    Tiles tiles = Tiles.flat(t.elements());
    TileSum sum =
        tiles.run(
            workers,
            (from, to) -> {
              int count = (int) (to - from);
              float[] w = new float[count];
              DenseValues.read(t.dtype(), bytes, from, w, count);
              return store(t.name(), c.type(), from, w);
            });
    return TensorReport.measured(c, "cast", sum.relative());
  }

  private TensorReport dequantize(ConvertStep.Dequantize d) {
    WeightSource.Reader reader = d.source().open(source);
    String tensor = d.outputs().getFirst().name();
    int cols = d.source().cols();
    TileSum sum =
        Tiles.rows(d.source().rows(), cols, 1)
            .run(
                workers,
                (from, to) -> {
                  float[] w = new float[Math.toIntExact((to - from) * cols)];
                  reader.read((int) from, (int) to, w);
                  return store(tensor, d.type(), from * cols, w);
                });
    return TensorReport.measured(d, "dequantize", sum.relative());
  }

  /// Writes dense elements and measures what rounding them did.
  private TileSum store(String tensor, DType type, long first, float[] w) {
    float[] stored = w.clone();
    int width = type.bits() / 8;
    MemorySegment out = MemorySegment.ofArray(new byte[Math.multiplyExact(w.length, width)]);
    DenseValues.write(type, stored, w.length, out);
    writer.write(tensor, first * width, out);
    return TileSum.of(w, stored);
  }

  private TensorReport requantize(ConvertStep.Requantize q) {
    WeightSource.Reader reader = q.source().open(source);
    TileSum sum =
        switch (q.target()) {
          case BlockPacking b -> new BlockRounding(writer, workers, importance).run(q, b, reader);
          case GroupPacking g ->
              new GroupRounding(writer, workers).run(q, g, reader, tensorScale(q, g));
          default -> throw new IllegalStateException("no rounding to " + q.target().name());
        };
    return TensorReport.measured(q, "requantize", sum.relative());
  }

  /// One tensor scale for each fused set, from the largest weight in it.
  private TensorScale tensorScale(ConvertStep.Requantize q, GroupPacking packing) {
    if (!packing.scheme().hasTensorScale()) {
      return TensorScale.NONE;
    }
    return tensorScales.computeIfAbsent(
        q.fuse(),
        fuse -> {
          float largest = 0;
          for (ConvertStep s : all) {
            if (s instanceof ConvertStep.Requantize r && r.fuse().equals(fuse)) {
              largest = Math.max(largest, absMax(r.source()));
            }
          }
          return packing.profile().tensorScale(largest, q.source().type());
        });
  }

  private float absMax(WeightSource w) {
    WeightSource.Reader reader = w.open(source);
    TileSum sum =
        Tiles.rows(w.rows(), w.cols(), 1)
            .run(
                workers,
                (from, to) -> {
                  float[] values = new float[Math.toIntExact((to - from) * w.cols())];
                  reader.read((int) from, (int) to, values);
                  return TileSum.largest(values);
                });
    return sum.largest();
  }

  /// @throws MarlinException `NON_FINITE` unless all weights of a tile are finite
  static void requireFinite(String stem, float[] w, int count) {
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(w[i])) {
        throw new MarlinException(
            ErrorCode.NON_FINITE,
            stem,
            "a weight is infinite or not a number",
            "The checkpoint is damaged; fetch it again and compare its sha256.");
      }
    }
  }
}
