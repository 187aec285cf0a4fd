package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.LinearAttention;
import io.metalmarlin.runtime.model.Recurrence;
import io.metalmarlin.runtime.model.Weights;
import java.lang.foreign.MemorySegment;

/// Runs a [LinearAttention]. Between its stages lie the gated results of the heads.
final class LinearAttentionRunner implements MixerRunner {
  private static final String MIXED = "mixed";

  private final LinearAttention attention;
  private final Workspace workspace;
  private final Backend backend;
  private final Product qkv;
  private final Product gate;
  private final Product o;
  private final NormWeights norm;

  LinearAttentionRunner(LinearAttention attention, Weights weights, Workspace workspace) {
    this.attention = attention;
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.qkv = Product.of(attention.qkv(), weights, backend);
    this.gate = Product.of(attention.gate(), weights, backend);
    this.o = Product.of(attention.o(), weights, backend);
    this.norm = Norms.of(attention.norm(), weights);
  }

  @Override
  public Frame run(int stage, Frame frame, Batch batch) {
    return stage == 0
        ? Frame.of(MIXED, attend(frame.get(Frame.INPUT), batch))
        : Frame.of(Frame.OUTPUT, o.times(frame.get(MIXED), Frame.OUTPUT, workspace));
  }

  private Tensor attend(Tensor x, Batch batch) {
    Tensor all = qkv.times(x, "qkv", workspace);
    backend.activate(attention.activation(), all);
    Recurrence heads = attention.heads();
    Tensor recalled = workspace.tensor("recalled", x.rows(), heads.valueWidth());
    KvCache cache = batch.cache();
    backend.recur(
        heads,
        part(all, 0, "q"),
        part(all, 1, "k"),
        part(all, 2, "v"),
        decays(x.rows()),
        null,
        batch.sequences(),
        cache == null
            ? null
            : cache.state(
                batch.layer(), "memory", heads.valueHeads() * heads.keyDim(), heads.valueDim()),
        recalled);
    backend.norm(recalled, norm, recalled);
    Tensor mixed = gate.times(x, MIXED, workspace);
    backend.gate(Activation.SIGMOID, mixed, recalled);
    return mixed;
  }

  private Tensor part(Tensor all, int index, String name) {
    int width = attention.heads().keyDim();
    Tensor part = workspace.tensor(name, all.rows(), attention.heads().keyWidth());
    backend.copy(
        all,
        new Columns(index * width, width, 3 * width, attention.heads().keyHeads()),
        part,
        Columns.of(0, part.cols()));
    return part;
  }

  private Tensor decays(int rows) {
    int heads = attention.decays().size();
    float[] values = new float[rows * heads];
    for (int i = 0; i < values.length; i++) {
      values[i] = attention.decays().get(i % heads);
    }
    Tensor decays = workspace.tensor("decays", rows, heads);
    backend.write(decays, MemorySegment.ofArray(values));
    return decays;
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    return frame.get(stage == 0 ? Frame.INPUT : MIXED);
  }
}
