package io.metalmarlin.quant.job;

import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.HessianAccumulator;
import io.metalmarlin.quant.calibrate.HiddenStream;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.plan.Tiling;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.Tap;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleConsumer;

/// Moves the calibration tokens through the model, one block at a time.
///
/// The stream holds the hidden states behind the already *quantized* blocks. For each block the
/// unquantized weights run once to collect the statistics of its linear inputs ([#collect]), then the
/// quantized weights run once to move the stream behind the block ([#propagate]). Tokens go in
/// micro-batches cut by the calibration set alone, so no result depends on the number of threads.
final class BlockCalibrator implements AutoCloseable {
  private final CalibrationSet set;
  private final Decoder decoder;
  private final QuantizedPrefix prefix;
  private final Backend backend;
  private final Workers workers;
  private final HiddenStream stream;
  private final int sequencesPerBatch;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment hiddenBuffer;
  private final MemorySegment inputBuffer;
  private final int hidden;

  /// @param decoder reads its weights from `prefix`
  BlockCalibrator(
      CalibrationSet set, Decoder decoder, QuantizedPrefix prefix, Workers workers, Path scratch) {
    ModelSpec spec = decoder.spec();
    this.set = set;
    this.decoder = decoder;
    this.prefix = prefix;
    this.backend = decoder.backend();
    this.workers = workers;
    this.hidden = spec.hidden();
    this.stream = new HiddenStream(scratch, hidden);
    this.sequencesPerBatch = Math.max(1, Tiling.MICRO_BATCH / set.seqLen());
    long rows = (long) sequencesPerBatch * set.seqLen();
    long widest = spec.linears().stream().mapToInt(ModelSpec.Linear::in).max().orElse(hidden);
    this.hiddenBuffer = arena.allocate(4 * rows * hidden, 64);
    this.inputBuffer = arena.allocate(4 * rows * widest, 64);
  }

  /// Fills the stream with the embeddings of all windows.
  void embed() {
    forEachBatch(
        (first, sequences, x) -> {
          int[] ids = new int[sequences.rows()];
          for (int s = 0; s < sequences.count(); s++) {
            System.arraycopy(set.windows().get(first + s), 0, ids, s * set.seqLen(), set.seqLen());
          }
          decoder.embed(ids, x);
          store(first, x);
        },
        done -> {});
  }

  /// Statistics of the given input groups of a block, from the unquantized weights.
  ///
  /// @param widths input group to its width
  Map<String, InputStatistics> collect(
      int block, Map<String, Integer> widths, DoubleConsumer progress) {
    Map<String, HessianAccumulator> accumulators = new LinkedHashMap<>();
    widths.forEach((group, cols) -> accumulators.put(group, new HessianAccumulator("block " + block + " input " + group, cols, workers)));
    Tap tap =
        (group, input) -> {
          HessianAccumulator accumulator = accumulators.get(group);
          if (accumulator != null) {
            MemorySegment rows = inputBuffer.asSlice(0, 4L * input.rows() * input.cols());
            backend.read(input, rows);
            accumulator.add(rows, input.rows(), input.cols());
          }
        };
    forEachBatch(
        (first, sequences, x) -> {
          load(first, x);
          decoder.capture(block, x, sequences, tap);
        },
        progress);
    Map<String, InputStatistics> statistics = new LinkedHashMap<>();
    accumulators.forEach((group, a) -> statistics.put(group, a.finish()));
    return statistics;
  }

  /// Moves the stream behind a block, using its weights as written.
  void propagate(int block, DoubleConsumer progress) {
    prefix.useWritten(block);
    decoder.reload(block);
    forEachBatch(
        (first, sequences, x) -> {
          load(first, x);
          decoder.block(block, x, sequences, null, Tap.NONE);
          store(first, x);
        },
        progress);
    decoder.reload(block);
    prefix.close();
  }

  private interface Batch {
    void run(int firstWindow, Sequences sequences, Tensor hidden);
  }

  private void forEachBatch(Batch batch, DoubleConsumer progress) {
    for (int first = 0; first < set.samples(); first += sequencesPerBatch) {
      int count = Math.min(sequencesPerBatch, set.samples() - first);
      Sequences sequences = Sequences.fresh(count, set.seqLen());
      try (Tensor x = backend.allocate(sequences.rows(), hidden)) {
        batch.run(first, sequences, x);
      }
      progress.accept((double) (first + count) / set.samples());
    }
  }

  private void load(int firstWindow, Tensor x) {
    MemorySegment rows = hiddenBuffer.asSlice(0, 4L * x.rows() * hidden);
    stream.read((long) firstWindow * set.seqLen(), rows);
    backend.write(x, rows);
  }

  private void store(int firstWindow, Tensor x) {
    MemorySegment rows = hiddenBuffer.asSlice(0, 4L * x.rows() * hidden);
    backend.read(x, rows);
    stream.write((long) firstWindow * set.seqLen(), rows);
  }

  @Override
  public void close() {
    stream.close();
    arena.close();
  }
}
