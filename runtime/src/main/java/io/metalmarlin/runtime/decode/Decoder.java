package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Matrix;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.BlockWeights.Product;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.Weights;
import org.jspecify.annotations.Nullable;

/// Runs a declared model on a backend, block by block, so that a caller may look at the hidden
/// state between blocks and at the input of each input group inside one.
///
/// Hidden states are `[rows, hidden]`, rows as laid out by [Sequences]. Weights are fetched block
/// by block when first needed. Intermediate tensors grow to the largest batch seen and are kept.
/// One caller at a time; the backend is not closed with the decoder.
public final class Decoder implements AutoCloseable {
  private final ModelSpec spec;
  private final Weights weights;
  private final Backend backend;
  private final @Nullable BlockWeights[] blocks;
  private @Nullable Matrix embedding;
  private @Nullable Product head;
  private float @Nullable [] finalNorm;
  private @Nullable Workspace workspace;
  private @Nullable Tensor headInput;

  public Decoder(ModelSpec spec, Weights weights, Backend backend) {
    this.spec = spec;
    this.weights = weights;
    this.backend = backend;
    this.blocks = new @Nullable BlockWeights[spec.blocks().size()];
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
  public void embed(int[] ids, Tensor out) {
    backend.embed(embedding(), ids, out);
  }

  /// Embeds and runs every block: `hidden` becomes what [#logits] reads.
  public void forward(int[] ids, Tensor hidden, Sequences sequences, @Nullable KvCache cache) {
    embed(ids, hidden);
    for (int b = 0; b < blocks.length; b++) {
      block(b, hidden, sequences, cache, Tap.NONE);
    }
  }

  /// Runs one block on `hidden` in place.
  ///
  /// @param cache holds `sequences.past()` tokens of every earlier layer's history for one
  ///   sequence; null when nothing came before
  public void block(
      int index, Tensor hidden, Sequences sequences, @Nullable KvCache cache, Tap tap) {
    ModelSpec.Block b = spec.blocks().get(index);
    BlockWeights w = weights(index);
    Workspace.Rows ws = workspace(sequences.rows());
    attend(b, w, hidden, sequences, cache, tap, ws);
    backend.add(hidden, ws.update());
    gateUp(b, w, hidden, tap, ws);
    multiply(ws.gate(), w.down(), ws.update());
    backend.add(hidden, ws.update());
  }

  /// Shows `tap` the four inputs of a block as [#block] would, without running the down projection
  /// and without changing `hidden`.
  public void capture(int index, Tensor hidden, Sequences sequences, Tap tap) {
    ModelSpec.Block b = spec.blocks().get(index);
    BlockWeights w = weights(index);
    Workspace.Rows ws = workspace(sequences.rows());
    attend(b, w, hidden, sequences, null, tap, ws);
    // The sum is the same either way round, so the residual stream can be built in the update.
    backend.add(ws.update(), hidden);
    gateUp(b, w, ws.update(), tap, ws);
  }

  /// Logits of the rows `[fromRow, toRow)`: final norm and head; `hidden` is not changed.
  ///
  /// @param out `[toRow - fromRow, vocabulary]`
  public void logits(Tensor hidden, int fromRow, int toRow, Tensor out) {
    int rows = toRow - fromRow;
    Tensor normed = headInput;
    if (normed == null || normed.rows() < rows) {
      if (normed != null) {
        normed.close();
      }
      normed = backend.allocate(rows, spec.hidden());
      headInput = normed;
    }
    Tensor view = backend.rows(normed, 0, rows);
    backend.rmsNorm(
        backend.rows(hidden, fromRow, toRow), finalNorm(), spec.finalNorm().epsilon(), view);
    multiply(view, head(), out);
  }

  /// Forgets a block's weights, so that the next use fetches them again (after they were replaced).
  public void reload(int index) {
    blocks[index] = null;
  }

  private void attend(
      ModelSpec.Block b,
      BlockWeights w,
      Tensor hidden,
      Sequences sequences,
      @Nullable KvCache cache,
      Tap tap,
      Workspace.Rows ws) {
    ModelSpec.Attention a = b.attention();
    backend.rmsNorm(hidden, w.attentionNorm(), b.attentionNorm().epsilon(), ws.normed());
    tap.input(a.q().inputGroup(), ws.normed());
    multiply(ws.normed(), w.q(), ws.q());
    multiply(ws.normed(), w.k(), ws.k());
    multiply(ws.normed(), w.v(), ws.v());
    if (w.qNorm() != null) {
      backend.headNorm(ws.q(), w.qNorm(), a.qNorm().orElseThrow().epsilon());
    }
    if (w.kNorm() != null) {
      backend.headNorm(ws.k(), w.kNorm(), a.kNorm().orElseThrow().epsilon());
    }
    backend.rope(ws.q(), a.rope(), a.headDim(), sequences);
    backend.rope(ws.k(), a.rope(), a.headDim(), sequences);
    backend.attention(a, b.index(), ws.q(), ws.k(), ws.v(), sequences, cache, ws.mixed());
    tap.input(a.o().inputGroup(), ws.mixed());
    multiply(ws.mixed(), w.o(), ws.update());
  }

  private void gateUp(
      ModelSpec.Block b, BlockWeights w, Tensor hidden, Tap tap, Workspace.Rows ws) {
    backend.rmsNorm(hidden, w.mlpNorm(), b.mlpNorm().epsilon(), ws.normed());
    tap.input(b.mlp().gate().inputGroup(), ws.normed());
    multiply(ws.normed(), w.gate(), ws.gate());
    multiply(ws.normed(), w.up(), ws.up());
    backend.gate(b.mlp().activation(), ws.gate(), ws.up());
    tap.input(b.mlp().down().inputGroup(), ws.gate());
  }

  private void multiply(Tensor x, Product p, Tensor out) {
    backend.matmul(x, p.matrix(), p.bias(), out);
  }

  private BlockWeights weights(int index) {
    BlockWeights w = blocks[index];
    if (w == null) {
      w = BlockWeights.load(spec.blocks().get(index), weights, backend);
      blocks[index] = w;
    }
    return w;
  }

  private Matrix embedding() {
    Matrix e = embedding;
    if (e == null) {
      e = backend.upload(weights.matrix(spec.embedding(), spec.vocabulary(), spec.hidden()));
      embedding = e;
    }
    return e;
  }

  private Product head() {
    Product h = head;
    if (h == null) {
      h =
          spec.tiedHead()
              ? new Product(embedding(), null)
              : BlockWeights.product(spec.head(), weights, backend);
      head = h;
    }
    return h;
  }

  private float[] finalNorm() {
    float[] g = finalNorm;
    if (g == null) {
      g = BlockWeights.gamma(spec.finalNorm(), weights);
      finalNorm = g;
    }
    return g;
  }

  private Workspace.Rows workspace(int rows) {
    Workspace ws = workspace;
    if (ws == null || ws.capacity() < rows) {
      if (ws != null) {
        ws.close();
      }
      ws = new Workspace(spec, backend, rows);
      workspace = ws;
    }
    return ws.rows(rows);
  }

  @Override
  public void close() {
    if (workspace != null) {
      workspace.close();
    }
    if (headInput != null) {
      headInput.close();
    }
  }
}
