package io.metalmarlin.quant.job;

import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.HessianAccumulator;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.calibrate.TokenStream;
import io.metalmarlin.quant.plan.Tiling;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.nio.file.Path;
import java.util.function.DoubleConsumer;

/// Moves the calibration tokens through the model, one stage of one block at a time, always with weights
/// that are already quantized (GPTQ's "true sequential").
///
/// ```
/// hidden --norm--> [q k v] --attention--> mixed --[o]--> + hidden --norm--> [gate up] --> gated --[down]--> + hidden
///            H of qkv                  H of o                     H of gate_up           H of down
/// ```
///
/// Before each `[...]` the tokens wait in files while its linears are solved; then they go on through
/// these linears as written. So every linear runs once per token, and its statistics are those of the
/// input it will really see. Tokens go in micro-batches cut by the calibration set alone, so no result
/// depends on the number of threads.
final class BlockCalibrator implements AutoCloseable {
  private final CalibrationSet set;
  private final Decoder decoder;
  private final Backend backend;
  private final Workers workers;
  private final TokenStream hidden;
  private final TokenStream mixed;
  private final TokenStream gated;
  private final int sequencesPerBatch;

  /// @param scratch an existing folder for the streams
  BlockCalibrator(CalibrationSet set, Decoder decoder, Workers workers, Path scratch) {
    ModelSpec spec = decoder.spec();
    this.set = set;
    this.decoder = decoder;
    this.backend = decoder.backend();
    this.workers = workers;
    this.sequencesPerBatch = Math.max(1, Tiling.MICRO_BATCH / set.seqLen());
    int rows = sequencesPerBatch * set.seqLen();
    this.hidden = new TokenStream(scratch.resolve("hidden.f32"), spec.hidden(), rows);
    this.mixed = new TokenStream(scratch.resolve("mixed.f32"), widestMixed(spec), rows);
    this.gated = new TokenStream(scratch.resolve("gated.f32"), widestGated(spec), rows);
  }

  /// Columns of the widest attention output.
  static int widestMixed(ModelSpec spec) {
    return spec.blocks().stream().mapToInt(b -> b.attention().o().in()).max().orElse(1);
  }

  /// Columns of the widest MLP intermediate.
  static int widestGated(ModelSpec spec) {
    return spec.blocks().stream().mapToInt(b -> b.mlp().down().in()).max().orElse(1);
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
          hidden.write(row(first), x, backend);
        },
        done -> {});
  }

  /// One of the four places of a block at which statistics are collected.
  enum Stage {
    QKV,
    O,
    GATE_UP,
    DOWN;

    /// The linears that read this stage's input share its input group.
    String inputGroup(ModelSpec.Block block) {
      return switch (this) {
        case QKV -> block.attention().q().inputGroup();
        case O -> block.attention().o().inputGroup();
        case GATE_UP -> block.mlp().gate().inputGroup();
        case DOWN -> block.mlp().down().inputGroup();
      };
    }
  }

  /// Moves all tokens to a stage of a block and collects the statistics of its input. Stages are called in
  /// order; the linears before it must have been written.
  InputStatistics collect(int block, Stage stage, String where, DoubleConsumer progress) {
    try (HessianAccumulator accumulator = new HessianAccumulator(where, width(block, stage), workers)) {
      forEachBatch(
          (first, sequences, x) -> {
            Tensor input = advance(block, stage, row(first), sequences, x);
            accumulator.add(backend.host(input), input.rows(), input.cols());
          },
          progress);
      return accumulator.finish();
    }
  }

  private int width(int block, Stage stage) {
    ModelSpec.Block b = decoder.spec().blocks().get(block);
    return switch (stage) {
      case QKV, GATE_UP -> decoder.spec().hidden();
      case O -> b.attention().o().in();
      case DOWN -> b.mlp().down().in();
    };
  }

  private Tensor advance(int block, Stage stage, long row, Sequences sequences, Tensor x) {
    hidden.read(row, x, backend);
    return switch (stage) {
      case QKV -> decoder.attentionInput(block, x);
      case O -> {
        Tensor heads = decoder.attend(block, decoder.attentionInput(block, x), sequences, null);
        mixed.write(row, heads, backend);
        yield heads;
      }
      case GATE_UP -> {
        addStored(mixed, row, width(block, Stage.O), x, heads -> decoder.addAttention(block, heads, x));
        hidden.write(row, x, backend);
        yield decoder.mlpInput(block, x);
      }
      case DOWN -> {
        Tensor inner = decoder.gateUp(block, decoder.mlpInput(block, x));
        gated.write(row, inner, backend);
        yield inner;
      }
    };
  }

  /// Moves all tokens behind a block after its last stage.
  void leave(int block, DoubleConsumer progress) {
    forEachBatch(
        (first, sequences, x) -> {
          hidden.read(row(first), x, backend);
          addStored(
              gated, row(first), width(block, Stage.DOWN), x, inner -> decoder.addMlp(block, inner, x));
          hidden.write(row(first), x, backend);
        },
        progress);
  }

  /// Moves all tokens through a finished block at once, with the same result as its stages.
  void replay(int block, DoubleConsumer progress) {
    forEachBatch(
        (first, sequences, x) -> {
          hidden.read(row(first), x, backend);
          decoder.block(block, x, sequences, null);
          hidden.write(row(first), x, backend);
        },
        progress);
  }

  private void addStored(
      TokenStream stream, long row, int cols, Tensor like, java.util.function.Consumer<Tensor> add) {
    try (Tensor stored = backend.allocate(like.rows(), cols)) {
      stream.read(row, stored, backend);
      add.accept(stored);
    }
  }

  private long row(int window) {
    return (long) window * set.seqLen();
  }

  private interface Batch {
    void run(int firstWindow, Sequences sequences, Tensor hidden);
  }

  private void forEachBatch(Batch batch, DoubleConsumer progress) {
    for (int first = 0; first < set.samples(); first += sequencesPerBatch) {
      int count = Math.min(sequencesPerBatch, set.samples() - first);
      Sequences sequences = Sequences.fresh(count, set.seqLen());
      try (Tensor x = backend.allocate(sequences.rows(), decoder.spec().hidden())) {
        batch.run(first, sequences, x);
      }
      progress.accept((double) (first + count) / set.samples());
    }
  }

  @Override
  public void close() {
    hidden.close();
    mixed.close();
    gated.close();
  }
}
