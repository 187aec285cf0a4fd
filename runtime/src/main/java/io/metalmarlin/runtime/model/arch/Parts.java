package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Norm;

/// The parts that families are put together from, in a family's sizes.
///
/// Groups of linears: q, k, v have one input and are fused by runtimes; gate and up likewise; o and
/// down stand alone.
record Parts(Sizes sizes) {
  static Linear linear(int layer, Role role, int out, int in, boolean bias, String group) {
    return new Linear(new WeightId(layer, role), out, in, bias, group, group);
  }

  /// RMS norm of the hidden state.
  Norm rms(int layer, Role role) {
    return Norm.rms(new WeightId(layer, role), sizes.hidden(), sizes.epsilon());
  }

  /// Layer norm of the hidden state.
  Norm layerNorm(int layer, Role role, boolean bias) {
    return Norm.layer(new WeightId(layer, role), sizes.hidden(), sizes.epsilon(), bias);
  }

  /// RMS norm of every head with one weight.
  Norm headRms(int layer, Role role) {
    return Norm.rms(new WeightId(layer, role), sizes.headDim(), sizes.epsilon());
  }

  /// Attention with q, k, v and o of their own and nothing special, to be changed.
  AttentionDraft attention(int layer) {
    return new AttentionDraft(layer, sizes.hidden(), sizes.attentionHeads());
  }

  /// `down(activation(gate x) * (up x))`.
  Mlp gatedMlp(int layer, Activation activation, boolean bias) {
    return gatedMlp(layer, sizes.inner(), activation, bias);
  }

  /// The same of another inner width.
  Mlp gatedMlp(int layer, int inner, Activation activation, boolean bias) {
    return new Mlp(
        new Mlp.Inner.Gated(
            linear(layer, Role.GATE, inner, sizes.hidden(), bias, "gate_up"),
            linear(layer, Role.UP, inner, sizes.hidden(), bias, "gate_up")),
        linear(layer, Role.DOWN, sizes.hidden(), inner, bias, "down"),
        activation);
  }

  /// A mixture of experts, softmax over the chosen ones until told otherwise.
  MixtureDraft mixture(int layer, MixtureDraft.Counts counts, Activation activation) {
    return new MixtureDraft(layer, sizes.hidden(), counts, activation);
  }

  /// The same with gate and up in one matrix.
  Mlp fusedMlp(int layer, Activation activation, boolean bias) {
    return new Mlp(
        new Mlp.Inner.Fused(
            linear(layer, Role.GATE_UP, 2 * sizes.inner(), sizes.hidden(), bias, "gate_up"), false),
        down(layer, bias),
        activation);
  }

  /// `down(activation(up x))`.
  Mlp plainMlp(int layer, Activation activation, boolean bias) {
    return plainMlp(layer, activation, bias, Layout.PLAIN);
  }

  /// The same, stored otherwise.
  Mlp plainMlp(int layer, Activation activation, boolean bias, Layout layout) {
    Linear up = linear(layer, Role.UP, sizes.inner(), sizes.hidden(), bias, "up");
    return new Mlp(
        new Mlp.Inner.Plain(up.stored(layout)), down(layer, bias).stored(layout), activation);
  }

  private Linear down(int layer, boolean bias) {
    return linear(layer, Role.DOWN, sizes.hidden(), sizes.inner(), bias, "down");
  }
}
