package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.Weights;
import org.jspecify.annotations.Nullable;

/// Runs a declared model on a backend, block by block, so that a caller may look at the hidden
/// state between blocks and stop at every [Place] inside one.
///
/// Hidden states are `[rows, hidden]`, rows as laid out by [Sequences]. Weights are fetched block
/// by block when first needed. Intermediate tensors grow to the largest batch seen and are kept.
/// One caller at a time; the backend is not closed with the decoder.
///
/// ```
/// block = for each branch: enter -> run stage 0 -> run stage 1 ... -> leave
/// ```
public final class Decoder implements AutoCloseable {
  private final ModelSpec spec;
  private final Weights weights;
  private final Backend backend;
  private final Workspace workspace;
  private final Ends ends;
  private final @Nullable BlockRunner[] blocks;

  public Decoder(ModelSpec spec, Weights weights, Backend backend) {
    this.spec = spec;
    this.weights = weights;
    this.backend = backend;
    this.workspace = new Workspace(backend);
    this.ends = new Ends(spec, weights, workspace);
    this.blocks = new @Nullable BlockRunner[spec.blocks().size()];
  }

  public ModelSpec spec() {
    return spec;
  }

  public Backend backend() {
    return backend;
  }

  /// Writes the hidden state before block 0: row `i` of `out` is the embedding of `ids[i]`.
  ///
  /// @throws IllegalArgumentException for an id outside the vocabulary
  public void embed(int[] ids, Sequences sequences, Tensor out) {
    ends.embed(ids, sequences, out);
  }

  /// Embeds and runs every block: `hidden` becomes what [#logits] reads.
  public void forward(int[] ids, Tensor hidden, Sequences sequences, @Nullable KvCache cache) {
    embed(ids, sequences, hidden);
    for (int b = 0; b < blocks.length; b++) {
      block(b, hidden, sequences, cache);
    }
  }

  /// Runs one block on `hidden` in place: its branches, each with the stages below one after the
  /// other.
  ///
  /// @param cache holds `sequences.past()` tokens of every earlier layer's history for one
  ///   sequence; null when nothing came before
  public void block(int index, Tensor hidden, Sequences sequences, @Nullable KvCache cache) {
    runner(index).run(hidden, new MixerRunner.Batch(index, sequences, cache));
  }

  /// The frame before the first stage of a branch. Like those that [#run] returns it holds tensors
  /// of this decoder, valid until the next call.
  ///
  /// @param hidden is not changed
  public Frame enter(Place place, Tensor hidden) {
    return runner(place.block()).branch(place.branch()).enter(hidden);
  }

  /// Runs the stage at a place.
  ///
  /// @param frame what lies before it
  /// @return what lies behind it
  public Frame run(Place place, Frame frame, Sequences sequences) {
    return runner(place.block())
        .branch(place.branch())
        .mixer()
        .run(place.stage(), frame, new MixerRunner.Batch(place.block(), sequences, null));
  }

  /// What the linears of an input group at a place multiply: some or all rows of the batch.
  public Tensor input(Place place, String inputGroup, Frame frame) {
    return runner(place.block())
        .branch(place.branch())
        .mixer()
        .input(place.stage(), inputGroup, frame);
  }

  /// Brings the result of a branch back into the residual stream.
  ///
  /// @param frame behind its last stage
  /// @param hidden what the branch was entered with
  /// @param sum what the branches of the block have summed up to here and the result: `hidden`
  ///   itself unless the block is parallel
  public void leave(Place place, Frame frame, Tensor hidden, Tensor sum) {
    runner(place.block()).leave(place.branch(), frame, hidden, sum);
  }

  /// Logits of the rows `[fromRow, toRow)`: final norm and head; `hidden` is not changed.
  ///
  /// @param out `[toRow - fromRow, vocabulary]`
  public void logits(Tensor hidden, int fromRow, int toRow, Tensor out) {
    ends.logits(backend.rows(hidden, fromRow, toRow), out);
  }

  /// Forgets a block's weights, so that the next use fetches them again (after they were replaced).
  public void reload(int index) {
    blocks[index] = null;
  }

  private BlockRunner runner(int index) {
    BlockRunner r = blocks[index];
    if (r == null) {
      r = new BlockRunner(spec.blocks().get(index), weights, workspace);
      blocks[index] = r;
    }
    return r;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
