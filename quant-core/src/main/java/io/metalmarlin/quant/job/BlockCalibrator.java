package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.HessianAccumulator;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.calibrate.TokenStream;
import io.metalmarlin.quant.plan.Tiling;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.Frame;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;

/// Moves the calibration tokens through the model, one stage of one branch of one block at a time,
/// always with weights that are already quantized (GPTQ's "true sequential").
///
/// ```
/// hidden --norm--> [q k v] --attention--> mixed --[o]--> + hidden --norm--> [gate up] --> inner --[down]--> + hidden
///            H of qkv                  H of o                     H of gate_up           H of down
/// ```
///
/// Before each `[...]` the tokens wait in files while its linears are solved: the hidden state, and
/// behind a branch's first stage the frame the decoder left. Then they go on through these linears
/// as written. So every linear runs once per token, and its statistics are those of the input it
/// will really see. Tokens go in micro-batches cut by the calibration set alone, so no result
/// depends on the number of threads.
final class BlockCalibrator implements AutoCloseable {
  private final CalibrationSet set;
  private final Decoder decoder;
  private final Backend backend;
  private final Workers workers;
  private final TokenStream hidden;
  private final FrameStreams frames;
  private final TokenStream sum;
  private final int sequencesPerBatch;
  private final Tensor hiddenRows;
  private final Tensor sumRows;

  /// @param scratch an existing folder for the streams
  BlockCalibrator(CalibrationSet set, Decoder decoder, Workers workers, Path scratch) {
    ModelSpec spec = decoder.spec();
    this.set = set;
    this.decoder = decoder;
    this.backend = decoder.backend();
    this.workers = workers;
    this.sequencesPerBatch = Math.max(1, Tiling.MICRO_BATCH / set.seqLen());
    int rows = sequencesPerBatch * set.seqLen();
    boolean parallel = spec.blocks().stream().anyMatch(ModelSpec.Block::parallel);
    this.hidden = new TokenStream(scratch.resolve("hidden.f32"), spec.hidden(), rows);
    this.sum = new TokenStream(scratch.resolve("sum.f32"), spec.hidden(), parallel ? rows : 0);
    this.frames = new FrameStreams(scratch, rows, backend);
    this.hiddenRows = backend.allocate(rows, spec.hidden());
    this.sumRows = backend.allocate(parallel ? rows : 0, spec.hidden());
  }

  /// Fills the stream with the embeddings of all windows.
  void embed() {
    forEachBatch(
        (first, sequences, x) -> {
          int[] ids = new int[sequences.rows()];
          for (int s = 0; s < sequences.count(); s++) {
            System.arraycopy(set.windows().get(first + s), 0, ids, s * set.seqLen(), set.seqLen());
          }
          decoder.embed(ids, sequences, x);
          hidden.write(row(first), x, backend);
        },
        done -> {});
  }

  /// Moves all tokens to a place of a block and collects the statistics of the inputs of some of
  /// its input groups. Places are visited in order; the linears before them must have been written.
  ///
  /// @param arriving whether this is the first visit to the place; on later ones the tokens are
  ///   there already
  /// @param where what messages call the inputs, one for each group
  List<InputStatistics> collect(
      Place place,
      List<String> groups,
      boolean arriving,
      List<String> where,
      DoubleConsumer progress) {
    try (Accumulators all = new Accumulators(place, groups, where, workers)) {
      forEachBatch(
          (first, sequences, x) -> {
            Frame frame = arriving ? arrive(place, row(first), sequences, x) : at(place, first, x);
            for (int g = 0; g < groups.size(); g++) {
              Tensor input = decoder.input(place, groups.get(g), frame);
              all.get(g).add(backend.host(input), input.rows(), input.cols());
            }
          },
          progress);
      if (arriving && place.stage() > 0) {
        frames.turn();
      }
      return all.finish();
    }
  }

  /// One sum of outer products for each group; closed as long as they are not finished.
  private static final class Accumulators implements AutoCloseable {
    private final List<HessianAccumulator> all = new ArrayList<>();
    // Whether it may be that no token is sent to the linears of a group.
    private final List<Boolean> ofExpert = new ArrayList<>();

    Accumulators(Place place, List<String> groups, List<String> where, Workers workers) {
      for (int g = 0; g < groups.size(); g++) {
        String group = groups.get(g);
        ModelSpec.Linear reader =
            place.linears().stream()
                .filter(l -> l.inputGroup().equals(group))
                .findFirst()
                .orElseThrow();
        all.add(new HessianAccumulator(where.get(g), reader.in(), workers));
        ofExpert.add(reader.id().expert() != WeightId.SINGLE);
      }
    }

    HessianAccumulator get(int index) {
      return all.get(index);
    }

    List<InputStatistics> finish() {
      List<InputStatistics> statistics = new ArrayList<>();
      for (int g = 0; g < all.size(); g++) {
        HessianAccumulator a = all.get(g);
        statistics.add(ofExpert.get(g) ? a.finishEvenIfEmpty() : a.finish());
      }
      return statistics;
    }

    @Override
    public void close() {
      all.forEach(HessianAccumulator::close);
    }
  }

  /// The frame at a place that the tokens have reached.
  private Frame at(Place place, int window, Tensor x) {
    hidden.read(row(window), x, backend);
    return place.stage() == 0 ? decoder.enter(place, x) : frames.read(row(window), x.rows());
  }

  private Frame arrive(Place place, long row, Sequences sequences, Tensor x) {
    hidden.read(row, x, backend);
    if (place.stage() > 0) {
      Place before = before(place);
      Frame frame = before.stage() == 0 ? decoder.enter(before, x) : frames.read(row, x.rows());
      Frame next = decoder.run(before, frame, sequences);
      frames.write(row, next);
      return next;
    }
    if (place.branch() > 0) {
      finishBranch(before(place), row, sequences, x);
    }
    return decoder.enter(place, x);
  }

  private Place before(Place place) {
    List<Place> all = places(place.block());
    return all.get(all.indexOf(place) - 1);
  }

  private List<Place> places(int block) {
    return Place.of(decoder.spec().blocks().get(block));
  }

  /// Runs the last stage of a branch and brings its result back.
  private void finishBranch(Place last, long row, Sequences sequences, Tensor x) {
    Frame frame = last.stage() == 0 ? decoder.enter(last, x) : frames.read(row, x.rows());
    Frame result = decoder.run(last, frame, sequences);
    if (!decoder.spec().blocks().get(last.block()).parallel()) {
      decoder.leave(last, result, x, x);
      hidden.write(row, x, backend);
      return;
    }
    Tensor target = backend.rows(sumRows, 0, x.rows());
    if (last.branch() > 0) {
      sum.read(row, target, backend);
    }
    decoder.leave(last, result, x, target);
    sum.write(row, target, backend);
  }

  /// Moves all tokens behind a block after its last stage.
  void leave(int block, DoubleConsumer progress) {
    ModelSpec.Block b = decoder.spec().blocks().get(block);
    List<Place> all = places(block);
    if (all.isEmpty()) {
      return;
    }
    forEachBatch(
        (first, sequences, x) -> {
          hidden.read(row(first), x, backend);
          finishBranch(all.getLast(), row(first), sequences, x);
          if (b.parallel()) {
            Columns every = Columns.of(0, x.cols());
            backend.copy(backend.rows(sumRows, 0, x.rows()), every, x, every);
            hidden.write(row(first), x, backend);
          }
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
    sum.close();
    frames.close();
    hiddenRows.close();
    sumRows.close();
  }
}
