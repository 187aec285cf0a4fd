package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.GatedDeltaNet;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Recurrence;
import io.metalmarlin.runtime.model.Weights;
import java.util.Arrays;

/// Runs a [GatedDeltaNet]. Between its stages lie the gated results of the heads. A cache holds the
/// memories and the last inputs of the convolution.
final class GatedDeltaNetRunner implements MixerRunner {
  private static final String MIXED = "mixed";

  /// Keeps a vector of zeros from being divided by zero.
  private static final double TINY = 1e-6;

  private final GatedDeltaNet net;
  private final Recurrence heads;
  private final Workspace workspace;
  private final Backend backend;
  private final Product projection;
  private final Product rates;
  private final Product o;
  private final float[] kernel;
  private final float[] decayRates;
  private final float[] stepBias;
  private final NormWeights norm;
  private final NormWeights queryLength;
  private final NormWeights keyLength;

  GatedDeltaNetRunner(GatedDeltaNet net, Weights weights, Workspace workspace) {
    this.net = net;
    this.heads = net.heads();
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.projection = Product.of(net.mixed(), weights, backend);
    this.rates = Product.of(net.rates(), weights, backend);
    this.o = Product.of(net.o(), weights, backend);
    this.kernel = weights.values(net.convolution());
    this.decayRates = weights.values(net.decay()).clone();
    for (int i = 0; i < decayRates.length; i++) {
      decayRates[i] = (float) Math.exp(decayRates[i]);
    }
    this.stepBias = weights.values(net.stepBias());
    this.norm = Norms.of(net.norm(), weights);
    this.keyLength = length(1);
    this.queryLength = length(1 / Math.sqrt(heads.keyDim()));
  }

  /// `factor * x / sqrt(sum(x^2) + TINY)`, as a norm by the mean.
  private NormWeights length(double factor) {
    int width = heads.keyDim();
    float[] gamma = new float[width];
    Arrays.fill(gamma, (float) (factor / Math.sqrt(width)));
    return new NormWeights(Norm.Kind.RMS, gamma, new float[0], width, (float) (TINY / width));
  }

  @Override
  public Frame run(int stage, Frame frame, Batch batch) {
    return stage == 0
        ? Frame.of(MIXED, mix(frame.get(Frame.INPUT), batch))
        : Frame.of(Frame.OUTPUT, o.times(frame.get(MIXED), Frame.OUTPUT, workspace));
  }

  private Tensor mix(Tensor x, Batch batch) {
    Tensor projected = projection.times(x, "projected", workspace);
    Tensor line = convolved(projected, batch);
    int keys = heads.keyWidth();
    Tensor q = part(line, Columns.of(0, keys), "q");
    Tensor k = part(line, Columns.of(keys, keys), "k");
    Tensor v = part(line, Columns.of(2 * keys, heads.valueWidth()), "v");
    backend.norm(q, queryLength, q);
    backend.norm(k, keyLength, k);
    Tensor both = rates.times(x, "rates", workspace);
    int each = heads.valueHeads() / heads.keyHeads();
    Tensor rate = part(both, new Columns(0, each, 2 * each, heads.keyHeads()), "rate");
    Tensor decay = part(both, new Columns(each, each, 2 * each, heads.keyHeads()), "decays");
    backend.activate(Activation.SIGMOID, rate);
    backend.decay(decay, decayRates, stepBias);
    Tensor recalled = workspace.tensor("recalled", x.rows(), heads.valueWidth());
    KvCache cache = batch.cache();
    backend.recur(
        heads,
        q,
        k,
        v,
        decay,
        rate,
        batch.sequences(),
        cache == null
            ? null
            : cache.state(
                batch.layer(), "memory", heads.valueHeads() * heads.keyDim(), heads.valueDim()),
        recalled);
    backend.norm(recalled, norm, recalled);
    Tensor mixed = part(projected, perKeyHead(2 * heads.keyDim() + values(), values()), MIXED);
    backend.gate(Activation.SILU, mixed, recalled);
    return mixed;
  }

  /// Queries, keys and values side by side, behind the convolution.
  private Tensor convolved(Tensor projected, Batch batch) {
    int keys = heads.keyWidth();
    int width = heads.keyDim();
    Tensor line = workspace.tensor("line", projected.rows(), 2 * keys + heads.valueWidth());
    backend.copy(projected, perKeyHead(0, width), line, Columns.of(0, keys));
    backend.copy(projected, perKeyHead(width, width), line, Columns.of(keys, keys));
    backend.copy(
        projected, perKeyHead(2 * width, values()), line, Columns.of(2 * keys, heads.valueWidth()));
    Tensor convolved = workspace.tensor("convolved", line.rows(), line.cols());
    KvCache cache = batch.cache();
    backend.convolve(
        line,
        kernel,
        batch.sequences(),
        cache == null
            ? null
            : cache.state(batch.layer(), "convolution", net.kernel() - 1, line.cols()),
        convolved);
    backend.activate(net.activation(), convolved);
    return convolved;
  }

  /// Values of one key head's value heads.
  private int values() {
    return heads.valueWidth() / heads.keyHeads();
  }

  private Columns perKeyHead(int first, int width) {
    return new Columns(first, width, 2 * heads.keyDim() + 2 * values(), heads.keyHeads());
  }

  private Tensor part(Tensor from, Columns columns, String name) {
    Tensor part = workspace.tensor(name, from.rows(), columns.total());
    backend.copy(from, columns, part, Columns.of(0, part.cols()));
    return part;
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    return frame.get(stage == 0 ? Frame.INPUT : MIXED);
  }
}
