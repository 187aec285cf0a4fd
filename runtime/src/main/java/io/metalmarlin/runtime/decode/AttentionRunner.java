package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.Attention.HeadNorms;
import io.metalmarlin.runtime.model.Attention.Projections.Separate;
import io.metalmarlin.runtime.model.Attention.Temperature;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.Weights;
import org.jspecify.annotations.Nullable;

/// Runs an [Attention]. Between its stages lie the heads' results.
final class AttentionRunner implements MixerRunner {
  private static final String MIXED = "mixed";

  private final Attention attention;
  private final Workspace workspace;
  private final Backend backend;
  private final QkvProducts qkv;
  private final Product o;
  private final @Nullable NormWeights qNorm;
  private final @Nullable NormWeights kNorm;
  private final float[] sinks;

  AttentionRunner(Attention attention, Weights weights, Workspace workspace) {
    this.attention = attention;
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.qkv = new QkvProducts(attention.projections(), attention.heads(), weights, workspace);
    this.o = Product.of(attention.o(), weights, backend);
    this.qNorm = Norms.of(attention.headNorms().map(HeadNorms::q), weights);
    this.kNorm = Norms.of(attention.headNorms().map(HeadNorms::k), weights);
    this.sinks = attention.sinks().map(weights::values).orElse(new float[0]);
  }

  @Override
  public Frame run(int stage, Frame frame, Batch batch) {
    return stage == 0
        ? Frame.of(MIXED, attend(frame.get(Frame.INPUT), batch))
        : Frame.of(Frame.OUTPUT, o.times(frame.get(MIXED), Frame.OUTPUT, workspace));
  }

  private Tensor attend(Tensor x, Batch batch) {
    QkvProducts.Parts p = qkv.of(x);
    boolean late = attention.headNorms().map(HeadNorms::afterRope).orElse(false);
    if (!late) {
      normHeads(p);
    }
    attention
        .rope()
        .ifPresent(rope -> {
          backend.rope(p.q(), rope, attention.heads().keyDim(), batch.sequences());
          backend.rope(p.k(), rope, attention.heads().keyDim(), batch.sequences());
        });
    if (late) {
      normHeads(p);
    }
    attention.temperature().ifPresent(t -> heat(p.q(), t, batch.sequences()));
    Heads heads = attention.heads();
    Tensor mixed = workspace.tensor(MIXED, x.rows(), heads.mixedWidth());
    backend.attention(
        heads,
        attention.scores(),
        sinks,
        batch.layer(),
        p.q(),
        p.k(),
        p.v(),
        batch.sequences(),
        batch.cache(),
        mixed);
    if (attention.projections() instanceof Separate s && s.gated()) {
      Tensor gate = qkv.gate(x.rows());
      backend.gate(Activation.SIGMOID, gate, mixed);
      return gate;
    }
    return mixed;
  }

  private void normHeads(QkvProducts.Parts p) {
    if (qNorm != null) {
      backend.norm(p.q(), qNorm, p.q());
    }
    if (kNorm != null) {
      backend.norm(p.k(), kNorm, p.k());
    }
  }

  private void heat(Tensor q, Temperature temperature, Sequences sequences) {
    float[] factors = new float[q.rows()];
    for (int r = 0; r < factors.length; r++) {
      factors[r] = temperature.at(sequences.past() + r % sequences.length());
    }
    backend.scaleRows(q, factors);
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    return frame.get(stage == 0 ? Frame.INPUT : MIXED);
  }
}
