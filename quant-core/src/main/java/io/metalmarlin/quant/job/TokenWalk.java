package io.metalmarlin.quant.job;

import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.TokenStream;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.decode.Frame;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.nio.file.Path;
import java.util.List;

/// The calibration tokens on their way through one decoder, one stage of one branch of one block at
/// a time. Between stages they wait in files: the hidden state, and behind a branch's first stage
/// the frame the decoder left. Every call moves some windows that lie next to each other.
final class TokenWalk implements AutoCloseable {
  private final CalibrationSet set;
  private final Decoder decoder;
  private final Backend backend;
  private final TokenStream hidden;
  private final FrameStreams frames;
  private final TokenStream sum;
  private final Tensor hiddenRows;
  private final Tensor sumRows;

  /// @param scratch an existing folder for the streams
  /// @param prefix of their names
  /// @param rows most tokens that move at once
  TokenWalk(CalibrationSet set, Decoder decoder, Path scratch, String prefix, int rows) {
    ModelSpec spec = decoder.spec();
    this.set = set;
    this.decoder = decoder;
    this.backend = decoder.backend();
    boolean parallel = spec.blocks().stream().anyMatch(ModelSpec.Block::parallel);
    this.hidden = new TokenStream(scratch.resolve(prefix + "hidden.f32"), spec.hidden(), rows);
    this.sum =
        new TokenStream(scratch.resolve(prefix + "sum.f32"), spec.hidden(), parallel ? rows : 0);
    this.frames = new FrameStreams(scratch, prefix, rows, backend);
    this.hiddenRows = backend.allocate(rows, spec.hidden());
    this.sumRows = backend.allocate(parallel ? rows : 0, spec.hidden());
  }

  Decoder decoder() {
    return decoder;
  }

  /// Writes the embeddings of some windows.
  void embed(int window, Sequences sequences) {
    int[] ids = new int[sequences.rows()];
    for (int s = 0; s < sequences.count(); s++) {
      System.arraycopy(set.windows().get(window + s), 0, ids, s * set.seqLen(), set.seqLen());
    }
    Tensor x = rows(sequences);
    decoder.embed(ids, sequences, x);
    hidden.write(row(window), x, backend);
  }

  /// The frame at a place, to which the tokens move from the place before. Valid until the next
  /// call; when all tokens have arrived, [#turn] follows.
  Frame arrive(Place place, int window, Sequences sequences) {
    long row = row(window);
    Tensor x = rows(sequences);
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

  /// All tokens have arrived at a place.
  void turn(Place place) {
    if (place.stage() > 0) {
      frames.turn();
    }
  }

  /// The frame at a place that the tokens have reached; valid until the next call.
  Frame at(Place place, int window, Sequences sequences) {
    Tensor x = rows(sequences);
    hidden.read(row(window), x, backend);
    return place.stage() == 0 ? decoder.enter(place, x) : frames.read(row(window), x.rows());
  }

  /// Moves tokens behind a block after its last place.
  void leave(int block, int window, Sequences sequences) {
    Tensor x = rows(sequences);
    hidden.read(row(window), x, backend);
    finishBranch(places(block).getLast(), row(window), sequences, x);
    if (decoder.spec().blocks().get(block).parallel()) {
      Columns every = Columns.of(0, x.cols());
      backend.copy(backend.rows(sumRows, 0, x.rows()), every, x, every);
      hidden.write(row(window), x, backend);
    }
  }

  /// Moves tokens through a whole block at once, with the same result as its stages.
  void replay(int block, int window, Sequences sequences) {
    Tensor x = rows(sequences);
    hidden.read(row(window), x, backend);
    decoder.block(block, x, sequences, null);
    hidden.write(row(window), x, backend);
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

  private Place before(Place place) {
    List<Place> all = places(place.block());
    return all.get(all.indexOf(place) - 1);
  }

  private List<Place> places(int block) {
    return Place.of(decoder.spec().blocks().get(block));
  }

  private Tensor rows(Sequences sequences) {
    return backend.rows(hiddenRows, 0, sequences.rows());
  }

  private long row(int window) {
    return (long) window * set.seqLen();
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
