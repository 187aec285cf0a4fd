package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Alibi;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.Attention.HeadNorms;
import io.metalmarlin.runtime.model.Attention.Projections;
import io.metalmarlin.runtime.model.Attention.Temperature;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.QkvLayout;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Scores;
import io.metalmarlin.runtime.model.Span;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An [Attention] in the making: plain grouped-query attention until told otherwise.
final class AttentionDraft {
  private final int layer;
  private final int hidden;
  private final Heads heads;
  private boolean qkvBias;
  private boolean outputBias;
  private boolean gated;
  private @Nullable QkvLayout fused;
  private Layout layout = Layout.PLAIN;
  private Optional<HeadNorms> headNorms = Optional.empty();
  private Optional<Rope> rope = Optional.empty();
  private Span span = Span.FULL;
  private float scale;
  private float softcap;
  private Optional<Alibi> alibi = Optional.empty();
  private boolean sinks;
  private Optional<Temperature> temperature = Optional.empty();

  AttentionDraft(int layer, int hidden, Heads heads) {
    this.layer = layer;
    this.hidden = hidden;
    this.heads = heads;
    this.scale = (float) (1 / Math.sqrt(heads.keyDim()));
  }

  AttentionDraft biases(boolean ofQkv, boolean ofOutput) {
    qkvBias = ofQkv;
    outputBias = ofOutput;
    return this;
  }

  /// q, k and v in one matrix.
  AttentionDraft fused(QkvLayout order) {
    fused = order;
    return this;
  }

  /// All matrices are stored like this.
  AttentionDraft stored(Layout as) {
    layout = as;
    return this;
  }

  /// The rows of q hold a gate behind each head's query.
  AttentionDraft gated() {
    gated = true;
    return this;
  }

  AttentionDraft rope(Rope embedding) {
    rope = Optional.of(embedding);
    return this;
  }

  /// Norms before the rotary embedding.
  AttentionDraft headNorms(Norm q, Norm k) {
    headNorms = Optional.of(new HeadNorms(q, k, false));
    return this;
  }

  /// Norms behind the rotary embedding.
  AttentionDraft headNormsAfterRope(Norm q, Norm k) {
    headNorms = Optional.of(new HeadNorms(q, k, true));
    return this;
  }

  AttentionDraft span(Span seen) {
    span = seen;
    return this;
  }

  /// Factor of the scores, where it is not `1 / sqrt(headDim)`.
  AttentionDraft scale(double factor) {
    scale = (float) factor;
    return this;
  }

  AttentionDraft softcap(double cap) {
    softcap = (float) cap;
    return this;
  }

  AttentionDraft alibi(Alibi biases) {
    alibi = Optional.of(biases);
    return this;
  }

  AttentionDraft sinks() {
    sinks = true;
    return this;
  }

  AttentionDraft temperature(Temperature growing) {
    temperature = Optional.of(growing);
    return this;
  }

  Attention done() {
    return new Attention(
        projections(),
        linear(Role.O, hidden, heads.mixedWidth(), outputBias, "o"),
        heads,
        headNorms,
        rope,
        new Scores(scale, softcap, span, alibi),
        sinks
            ? Optional.of(new Parameter(new WeightId(layer, Role.SINKS), "", heads.heads()))
            : Optional.empty(),
        temperature);
  }

  private Projections projections() {
    int queries = heads.queryWidth() * (gated ? 2 : 1);
    if (fused != null) {
      int rows = queries + heads.keyWidth() + heads.valueWidth();
      return new Projections.Fused(linear(Role.QKV, rows, hidden, qkvBias, "qkv"), fused);
    }
    return new Projections.Separate(
        linear(Role.Q, queries, hidden, qkvBias, "qkv"),
        linear(Role.K, heads.keyWidth(), hidden, qkvBias, "qkv"),
        linear(Role.V, heads.valueWidth(), hidden, qkvBias, "qkv"),
        gated);
  }

  private Linear linear(Role role, int out, int in, boolean bias, String group) {
    return Parts.linear(layer, role, out, in, bias, group).stored(layout);
  }
}
