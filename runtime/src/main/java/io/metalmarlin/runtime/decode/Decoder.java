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
      block(b, hidden, sequences, cache);
    }
  }

  /// Runs one block on `hidden` in place: the stages below, one after the other.
  ///
  /// @param cache holds `sequences.past()` tokens of every earlier layer's history for one
  ///   sequence; null when nothing came before
  public void block(int index, Tensor hidden, Sequences sequences, @Nullable KvCache cache) {
    addAttention(index, attend(index, attentionInput(index, hidden), sequences, cache), hidden);
    addMlp(index, gateUp(index, mlpInput(index, hidden)), hidden);
  }

  /// Stage 1 of a block, the input of q, k and v: `hidden` normed. Like the results of the other
  /// stages it is a tensor of this decoder, valid until the next stage.
  public Tensor attentionInput(int index, Tensor hidden) {
    Workspace.Rows ws = workspace(hidden.rows());
    ModelSpec.Norm norm = spec.blocks().get(index).attentionNorm();
    backend.rmsNorm(hidden, weights(index).attentionNorm(), norm.epsilon(), ws.normed());
    return ws.normed();
  }

  /// Stage 2, the input of o: the heads' outputs.
  public Tensor attend(int index, Tensor input, Sequences sequences, @Nullable KvCache cache) {
    ModelSpec.Attention a = spec.blocks().get(index).attention();
    BlockWeights w = weights(index);
    Workspace.Rows ws = workspace(input.rows());
    multiply(input, w.q(), ws.q());
    multiply(input, w.k(), ws.k());
    multiply(input, w.v(), ws.v());
    if (w.qNorm() != null) {
      backend.headNorm(ws.q(), w.qNorm(), a.qNorm().orElseThrow().epsilon());
    }
    if (w.kNorm() != null) {
      backend.headNorm(ws.k(), w.kNorm(), a.kNorm().orElseThrow().epsilon());
    }
    backend.rope(ws.q(), a.rope(), a.headDim(), sequences);
    backend.rope(ws.k(), a.rope(), a.headDim(), sequences);
    backend.attention(a, index, ws.q(), ws.k(), ws.v(), sequences, cache, ws.mixed());
    return ws.mixed();
  }

  /// Adds the attention's output to the residual stream: `hidden += o(mixed)`.
  public void addAttention(int index, Tensor mixed, Tensor hidden) {
    add(mixed, weights(index).o(), hidden);
  }

  /// Stage 3, the input of gate and up: `hidden` normed.
  public Tensor mlpInput(int index, Tensor hidden) {
    Workspace.Rows ws = workspace(hidden.rows());
    ModelSpec.Norm norm = spec.blocks().get(index).mlpNorm();
    backend.rmsNorm(hidden, weights(index).mlpNorm(), norm.epsilon(), ws.normed());
    return ws.normed();
  }

  /// Stage 4, the input of down: `activation(gate) * up`.
  public Tensor gateUp(int index, Tensor input) {
    BlockWeights w = weights(index);
    Workspace.Rows ws = workspace(input.rows());
    multiply(input, w.gate(), ws.gate());
    multiply(input, w.up(), ws.up());
    backend.gate(spec.blocks().get(index).mlp().activation(), ws.gate(), ws.up());
    return ws.gate();
  }

  /// Adds the MLP's output to the residual stream: `hidden += down(gated)`.
  public void addMlp(int index, Tensor gated, Tensor hidden) {
    add(gated, weights(index).down(), hidden);
  }

  private void add(Tensor input, Product product, Tensor hidden) {
    Tensor update = workspace(hidden.rows()).update();
    multiply(input, product, update);
    backend.add(hidden, update);
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
