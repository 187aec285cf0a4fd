package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.ModuleNames;
import io.metalmarlin.formats.model.WeightId;
import java.util.List;
import java.util.Optional;

/// The declaration of a model: what it computes with which weights, read by the decoder and by the
/// planner alike. Built by an [Architecture] from a configuration; holds no tensor.
///
/// @param family the `model_type`
/// @param tiedHead the head uses the embedding's matrix
/// @param maxPositions longest context the configuration allows
public record ModelSpec(
    String family,
    int hidden,
    int vocabulary,
    int maxPositions,
    WeightId embedding,
    List<Block> blocks,
    Norm finalNorm,
    Linear head,
    boolean tiedHead,
    ModuleNames names) {
  public ModelSpec {
    blocks = List.copyOf(blocks);
  }

  /// One decoder block: `x += attention(norm(x)); x += mlp(norm(x))`.
  public record Block(int index, Norm attentionNorm, Attention attention, Norm mlpNorm, Mlp mlp) {
    /// The block's linear layers in the order in which they run.
    public List<Linear> linears() {
      return List.of(
          attention.q(),
          attention.k(),
          attention.v(),
          attention.o(),
          mlp.gate(),
          mlp.up(),
          mlp.down());
    }
  }

  /// A matrix product `y = x W' (+ b)`, `W` is `[out, in]`.
  ///
  /// @param inputGroup linears of a block with the same group have the same input and so share its
  ///   statistics
  /// @param fuseGroup linears of a block with the same group are fused by runtimes and so share one
  ///   tensor scale; a name of its own where nothing is fused
  public record Linear(
      WeightId id, int out, int in, boolean bias, String inputGroup, String fuseGroup) {}

  /// Root-mean-square normalisation: `x / sqrt(mean(x^2) + epsilon) * gamma`.
  public record Norm(WeightId id, int size, float epsilon) {}

  /// Causal grouped-query attention (multi-head when `kvHeads == heads`).
  ///
  /// @param qNorm per-head norm of the queries before the rotary embedding, where the family has
  ///   one
  /// @param scale factor of the scores before the softmax
  public record Attention(
      Linear q,
      Linear k,
      Linear v,
      Linear o,
      int heads,
      int kvHeads,
      int headDim,
      Optional<Norm> qNorm,
      Optional<Norm> kNorm,
      Rope rope,
      float scale) {}

  /// Rotary embedding on halves: pair `i` is (i, i + headDim/2).
  ///
  /// @param inverseFrequencies `headDim / 2` angles per position step, scaling already applied
  /// @param attentionFactor multiplies sine and cosine
  public record Rope(List<Double> inverseFrequencies, float attentionFactor) {
    public Rope {
      inverseFrequencies = List.copyOf(inverseFrequencies);
    }
  }

  /// Gated MLP: `down(activation(gate x) * (up x))`.
  public record Mlp(Linear gate, Linear up, Linear down, Activation activation) {}

  /// Elementwise activation of the gate.
  public enum Activation {
    SILU
  }

  /// Every linear layer of every block, in running order; the head is not among them.
  public List<Linear> linears() {
    return blocks.stream().flatMap(b -> b.linears().stream()).toList();
  }
}
