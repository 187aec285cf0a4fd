package io.metalmarlin.quant.job;

import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.CollectedInput;
import io.metalmarlin.quant.calibrate.HeldOut;
import io.metalmarlin.quant.plan.Tiling;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.Frame;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.Sequences;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;

/// Moves the calibration tokens through the model, one stage of one branch of one block at a time,
/// always with weights that are already quantized (GPTQ's "true sequential").
///
/// ```
/// hidden --norm--> [q k v] --attention--> mixed --[o]--> + hidden --norm--> [gate up] --> inner --[down]--> + hidden
///            H of qkv                  H of o                     H of gate_up           H of down
/// ```
///
/// Before each `[...]` the tokens wait in files while its linears are solved. Then they go on
/// through these linears as written. So every linear runs once per token, and its statistics are
/// those of the input it will really see. Where drift is asked for, a second stream of the same
/// tokens goes through the source's weights, always at the same place as the first. Tokens go in
/// micro-batches cut by the calibration set alone, so no result depends on the number of threads.
final class BlockCalibrator implements AutoCloseable {
  private final CalibrationSet set;
  private final Workers workers;
  private final int sequencesPerBatch;
  private final boolean holdsOut;
  private final TokenWalk quantized;
  private final Optional<TokenWalk> full;

  /// @param decoder of the quantized prefix
  /// @param source decoder of the source's weights; empty where no drift is asked for
  /// @param holdsOut whether some of the tokens are kept back to choose by
  /// @param scratch an existing folder for the streams
  BlockCalibrator(
      CalibrationSet set,
      Decoder decoder,
      Optional<Decoder> source,
      boolean holdsOut,
      Workers workers,
      Path scratch) {
    this.set = set;
    this.holdsOut = holdsOut;
    this.workers = workers;
    this.sequencesPerBatch = Math.max(1, Tiling.MICRO_BATCH / set.seqLen());
    int rows = sequencesPerBatch * set.seqLen();
    this.quantized = new TokenWalk(set, decoder, scratch, "", rows);
    this.full = source.map(s -> new TokenWalk(set, s, scratch, "source-", rows));
  }

  /// Fills the streams with the embeddings of all windows.
  void embed() {
    forEachBatch(
        (window, sequences) -> walks().forEach(w -> w.embed(window, sequences)), done -> {});
  }

  /// Moves all tokens to a place of a block and collects the statistics of the inputs of some of
  /// its input groups. Places are visited in order; the linears before them must have been written.
  ///
  /// @param arriving whether this is the first visit to the place; on later ones the tokens are
  ///   there already
  /// @param where what messages call the inputs, one for each group
  List<CollectedInput> collect(
      Place place,
      List<String> groups,
      boolean arriving,
      List<String> where,
      DoubleConsumer progress) {
    try (InputAccumulators all =
        new InputAccumulators(place, groups, where, full.isPresent(), holdsOut, workers)) {
      forEachBatch(
          (window, sequences) -> {
            Frame moved = frame(quantized, place, arriving, window, sequences);
            Optional<Frame> exact =
                full.map(walk -> frame(walk, place, arriving, window, sequences));
            boolean keep = HeldOut.keeps(window / sequencesPerBatch, batches());
            for (int g = 0; g < groups.size(); g++) {
              String group = groups.get(g);
              Tensor xq = quantized.decoder().input(place, group, moved);
              all.add(g, backend(), xq);
              if (exact.isPresent() && all.pairs(g)) {
                Tensor x = full.orElseThrow().decoder().input(place, group, exact.get());
                all.addPair(g, backend(), x, xq, keep);
              }
            }
          },
          progress);
      if (arriving) {
        walks().forEach(w -> w.turn(place));
      }
      return all.finish();
    }
  }

  private static Frame frame(
      TokenWalk walk, Place place, boolean arriving, int window, Sequences sequences) {
    return arriving ? walk.arrive(place, window, sequences) : walk.at(place, window, sequences);
  }

  /// Moves all tokens behind a block after its last stage.
  void leave(int block, DoubleConsumer progress) {
    if (!Place.of(quantized.decoder().spec().blocks().get(block)).isEmpty()) {
      forEachBatch(
          (window, sequences) -> walks().forEach(w -> w.leave(block, window, sequences)), progress);
    }
  }

  /// Moves all tokens through a finished block at once, with the same result as its stages.
  void replay(int block, DoubleConsumer progress) {
    forEachBatch(
        (window, sequences) -> walks().forEach(w -> w.replay(block, window, sequences)), progress);
  }

  private int batches() {
    return Math.ceilDiv(set.samples(), sequencesPerBatch);
  }

  private Backend backend() {
    return quantized.decoder().backend();
  }

  private List<TokenWalk> walks() {
    List<TokenWalk> all = new ArrayList<>(List.of(quantized));
    full.ifPresent(all::add);
    return all;
  }

  private interface Batch {
    void run(int firstWindow, Sequences sequences);
  }

  private void forEachBatch(Batch batch, DoubleConsumer progress) {
    for (int first = 0; first < set.samples(); first += sequencesPerBatch) {
      int count = Math.min(sequencesPerBatch, set.samples() - first);
      batch.run(first, Sequences.fresh(count, set.seqLen()));
      progress.accept((double) (first + count) / set.samples());
    }
  }

  @Override
  public void close() {
    walks().forEach(TokenWalk::close);
  }
}
