package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.LatentAttention;
import io.metalmarlin.runtime.model.LatentAttention.Queries;
import io.metalmarlin.runtime.model.LatentAttention.Widths;
import io.metalmarlin.runtime.model.Weights;
import org.jspecify.annotations.Nullable;

/// Runs a [LatentAttention]. Behind the first stage lie the normed latents (or the queries, where
/// those have no latent) and the rotated shared part of the keys; behind the second the heads'
/// results.
///
/// A cache holds expanded keys and values: more memory than the latents, but every token's products
/// are computed once. In queries and keys the rotated part is put first, where the backend turns
/// it; their products do not see the order.
final class LatentAttentionRunner implements MixerRunner {
  private static final String QUERIES = "q_latent";
  private static final String LATENT = "kv_latent";
  private static final String SHARED = "k_shared";
  private static final String MIXED = "mixed";

  private final LatentAttention attention;
  private final Widths widths;
  private final Workspace workspace;
  private final Backend backend;
  private final Product qFirst;
  private final @Nullable NormWeights qNorm;
  private final @Nullable Product qUp;
  private final Product kvDown;
  private final NormWeights kvNorm;
  private final Product kvUp;
  private final Product o;

  LatentAttentionRunner(LatentAttention attention, Weights weights, Workspace workspace) {
    this.attention = attention;
    this.widths = attention.widths();
    this.workspace = workspace;
    this.backend = workspace.backend();
    switch (attention.queries()) {
      case Queries.Direct d -> {
        this.qFirst = Product.of(d.q(), weights, backend);
        this.qNorm = null;
        this.qUp = null;
      }
      case Queries.Latent l -> {
        this.qFirst = Product.of(l.down(), weights, backend);
        this.qNorm = Norms.of(l.norm(), weights);
        this.qUp = Product.of(l.up(), weights, backend);
      }
    }
    this.kvDown = Product.of(attention.kvDown(), weights, backend);
    this.kvNorm = Norms.of(attention.kvNorm(), weights);
    this.kvUp = Product.of(attention.kvUp(), weights, backend);
    this.o = Product.of(attention.o(), weights, backend);
  }

  @Override
  public Frame run(int stage, Frame frame, Batch batch) {
    return switch (stage) {
      case 0 -> down(frame.get(Frame.INPUT), batch);
      case 1 -> Frame.of(MIXED, attend(frame, batch));
      default -> Frame.of(Frame.OUTPUT, o.times(frame.get(MIXED), Frame.OUTPUT, workspace));
    };
  }

  private Frame down(Tensor x, Batch batch) {
    Tensor q = qFirst.times(x, QUERIES, workspace);
    if (qNorm != null) {
      backend.norm(q, qNorm, q);
    }
    Tensor both = kvDown.times(x, "kv_down", workspace);
    int length = both.cols() - widths.shared();
    Tensor latent = workspace.tensor(LATENT, x.rows(), length);
    Tensor shared = workspace.tensor(SHARED, x.rows(), widths.shared());
    backend.copy(both, Columns.of(0, length), latent, Columns.of(0, length));
    backend.copy(both, Columns.of(length, widths.shared()), shared, Columns.of(0, widths.shared()));
    backend.norm(latent, kvNorm, latent);
    backend.rope(shared, attention.rope(), widths.shared(), batch.sequences());
    return Frame.of(QUERIES, q).and(LATENT, latent).and(SHARED, shared);
  }

  private Tensor attend(Frame frame, Batch batch) {
    Tensor latent = frame.get(LATENT);
    Tensor given = frame.get(QUERIES);
    Tensor q = queries(qUp == null ? given : qUp.times(given, "q_up", workspace), batch);
    Tensor kv = kvUp.times(latent, "kv_up", workspace);
    Tensor k = workspace.tensor("k", kv.rows(), widths.heads() * widths.key());
    Tensor v = workspace.tensor("v", kv.rows(), widths.heads() * widths.value());
    int step = widths.own() + widths.value();
    backend.copy(
        frame.get(SHARED), new Columns(0, widths.shared(), 0, widths.heads()), k, rotated());
    backend.copy(kv, new Columns(0, widths.own(), step, widths.heads()), k, own());
    backend.copy(
        kv,
        new Columns(widths.own(), widths.value(), step, widths.heads()),
        v,
        Columns.of(0, v.cols()));
    Tensor mixed = workspace.tensor(MIXED, kv.rows(), v.cols());
    backend.attention(
        widths.expanded(),
        attention.scores(),
        new float[0],
        batch.layer(),
        q,
        k,
        v,
        batch.sequences(),
        batch.cache(),
        mixed);
    return mixed;
  }

  private Tensor queries(Tensor up, Batch batch) {
    Tensor q = workspace.tensor("q", up.rows(), up.cols());
    int key = widths.key();
    backend.copy(up, new Columns(widths.own(), widths.shared(), key, widths.heads()), q, rotated());
    backend.copy(up, new Columns(0, widths.own(), key, widths.heads()), q, own());
    backend.rope(q, attention.rope(), key, batch.sequences());
    return q;
  }

  private Columns rotated() {
    return new Columns(0, widths.shared(), widths.key(), widths.heads());
  }

  private Columns own() {
    return new Columns(widths.shared(), widths.own(), widths.key(), widths.heads());
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    return switch (stage) {
      case 0 -> frame.get(Frame.INPUT);
      case 1 -> frame.get(inputGroup.equals(attention.kvUp().inputGroup()) ? LATENT : QUERIES);
      default -> frame.get(MIXED);
    };
  }
}
