package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.DifferentialAttention;
import io.metalmarlin.runtime.model.Heads;
import io.metalmarlin.runtime.model.Weights;
import java.util.List;

/// Runs a [DifferentialAttention]. Between its stages lie the pairs' results. A cache holds the
/// values twice, as the softmax wants them.
final class DifferentialAttentionRunner implements MixerRunner {
  private static final String MIXED = "mixed";

  private final DifferentialAttention attention;
  private final Workspace workspace;
  private final Backend backend;
  private final QkvProducts qkv;
  private final Product o;
  private final NormWeights norm;
  private final float lambda;

  DifferentialAttentionRunner(
      DifferentialAttention attention, Weights weights, Workspace workspace) {
    this.attention = attention;
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.qkv = new QkvProducts(attention.projections(), attention.heads(), weights, workspace);
    this.o = Product.of(attention.o(), weights, backend);
    this.norm = Norms.of(attention.norm(), weights);
    List<float[]> vectors = attention.lambda().stream().map(weights::values).toList();
    this.lambda =
        (float)
            (Math.exp(dot(vectors.get(0), vectors.get(1)))
                - Math.exp(dot(vectors.get(2), vectors.get(3)))
                + attention.start());
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Override
  public Frame run(int stage, Frame frame, Batch batch) {
    return stage == 0
        ? Frame.of(MIXED, attend(frame.get(Frame.INPUT), batch))
        : Frame.of(Frame.OUTPUT, o.times(frame.get(MIXED), Frame.OUTPUT, workspace));
  }

  private Tensor attend(Tensor x, Batch batch) {
    QkvProducts.Parts p = qkv.of(x);
    backend.rope(p.q(), attention.rope(), attention.heads().keyDim(), batch.sequences());
    backend.rope(p.k(), attention.rope(), attention.heads().keyDim(), batch.sequences());
    Heads wide = attention.attending();
    Tensor both = workspace.tensor("both", x.rows(), wide.mixedWidth());
    backend.attention(
        wide,
        attention.scores(),
        new float[0],
        batch.layer(),
        p.q(),
        p.k(),
        widened(p.v()),
        batch.sequences(),
        batch.cache(),
        both);
    return difference(both);
  }

  /// The values of each key head: those of two heads, half of all heads apart.
  private Tensor widened(Tensor v) {
    int width = attention.heads().valueDim();
    int pairs = attention.heads().kvHeads() / 2;
    Tensor wide = workspace.tensor("v_wide", v.rows(), 2 * v.cols());
    for (int half = 0; half < 2; half++) {
      Columns source = Columns.of(half * pairs * width, pairs * width);
      for (int copy = 0; copy < 2; copy++) {
        int first = (2 * copy * pairs + half) * width;
        backend.copy(v, source, wide, new Columns(first, width, 2 * width, pairs));
      }
    }
    return wide;
  }

  private Tensor difference(Tensor both) {
    int width = both.cols() / 2;
    Columns all = Columns.of(0, width);
    Tensor mixed = workspace.tensor(MIXED, both.rows(), width);
    Tensor ignored = workspace.tensor("ignored", both.rows(), width);
    backend.copy(both, all, mixed, all);
    backend.copy(both, Columns.of(width, width), ignored, all);
    backend.scale(ignored, -lambda);
    backend.add(mixed, ignored);
    backend.norm(mixed, norm, mixed);
    backend.scale(mixed, 1 - attention.start());
    return mixed;
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    return frame.get(stage == 0 ? Frame.INPUT : MIXED);
  }
}
