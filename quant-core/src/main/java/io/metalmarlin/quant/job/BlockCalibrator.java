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

/// Moves the calibration tokens through the model, one stage of one block at a time, always with
/// weights that are already quantized (GPTQ's "true sequential").
///
/// ```
/// hidden --norm--> [q k v] --attention--> mixed --[o]--> + hidden --norm--> [gate up] --> gated --[down]--> + hidden
///            H of qkv                  H of o                     H of gate_up           H of down
/// ```
///
/// Before each `[...]` the tokens wait in files while its linears are solved; then they go on
/// through these linears as written. So every linear runs once per token, and its statistics are
/// those of the input it will really see. Tokens go in micro-batches cut by the calibration set
/// alone, so no result depends on the number of threads.
final class BlockCalibrator implements AutoCloseable {
  private final CalibrationSet set;
  private final Decoder decoder;
  private final Backend backend;
  private final Workers workers;
  private final TokenStream hidden;
  private final TokenStream mixed;
  private final TokenStream gated;
  private final int sequencesPerBatch;
  private final Tensor hiddenRows;
  private final Tensor mixedRows;
  private final Tensor gatedRows;

  /// @param scratch an existing folder for the streams
  BlockCalibrator(CalibrationSet set, Decoder decoder, Workers workers, Path scratch) {
    ModelSpec spec = decoder.spec();
    this.set = set;
    this.decoder = decoder;
    this.backend = decoder.backend();
    this.workers = workers;
    this.sequencesPerBatch = Math.max(1, Tiling.MICRO_BATCH / set.seqLen());
    int rows = sequencesPerBatch * set.seqLen();
    int hiddenCols = spec.hidden();
    int mixedCols = width(spec, 0, Stage.O);
    int gatedCols = width(spec, 0, Stage.DOWN);
    for (int block = 0; block < spec.blocks().size(); block++) {
      if (width(spec, block, Stage.O) != mixedCols || width(spec, block, Stage.DOWN) != gatedCols) {
        throw new IllegalArgumentException("block " + block + " has other widths than block 0");
      }
    }
    this.hidden = new TokenStream(scratch.resolve("hidden.f32"), hiddenCols, rows);
    this.mixed = new TokenStream(scratch.resolve("mixed.f32"), mixedCols, rows);
    this.gated = new TokenStream(scratch.resolve("gated.f32"), gatedCols, rows);
    this.hiddenRows = backend.allocate(rows, hiddenCols);
    this.mixedRows = backend.allocate(rows, mixedCols);
    this.gatedRows = backend.allocate(rows, gatedCols);
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

  /// Moves all tokens to a stage of a block and collects the statistics of its input. Stages are
  /// called in order; the linears before it must have been written.
  InputStatistics collect(int block, Stage stage, String where, DoubleConsumer progress) {
    try (HessianAccumulator accumulator =
        new HessianAccumulator(where, width(decoder.spec(), block, stage), workers)) {
      forEachBatch(
          (first, sequences, x) -> {
            Tensor input = advance(block, stage, row(first), sequences, x);
            accumulator.add(backend.host(input), input.rows(), input.cols());
          },
          progress);
      return accumulator.finish();
    }
  }

  private static int width(ModelSpec spec, int block, Stage stage) {
    ModelSpec.Block b = spec.blocks().get(block);
    return switch (stage) {
      case QKV, GATE_UP -> spec.hidden();
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
        decoder.addAttention(block, stored(mixed, row, mixedRows, x.rows()), x);
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
          decoder.addMlp(block, stored(gated, row(first), gatedRows, x.rows()), x);
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

  private Tensor stored(TokenStream stream, long row, Tensor buffer, int rows) {
    Tensor view = backend.rows(buffer, 0, rows);
    stream.read(row, view, backend);
    return view;
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
      batch.run(first, sequences, backend.rows(hiddenRows, 0, sequences.rows()));
      progress.accept((double) (first + count) / set.samples());
    }
  }

  @Override
  public void close() {
    hidden.close();
    mixed.close();
    gated.close();
    hiddenRows.close();
    mixedRows.close();
    gatedRows.close();
  }
}
