package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// One value of `general.architecture`, with what Hugging Face calls it and its parts. A
/// declaration: keys and tensors are translated by it in both directions.
///
/// @param architecture the value, which is also the prefix of the family's keys
/// @param modelTypes the `model_type`s it stands for; a translated configuration gets the first
/// @param className the class that `architectures` names
/// @param names of modules
/// @param spelling the family's configuration keys for those of Llama that it spells otherwise
/// @param common whatever else it takes to make a configuration one with Llama's keys
/// @param epsilon GGUF key and configuration key of the norms' epsilon, with its default
/// @param rotary which part of a head is turned
/// @param base of the rotary embedding where a configuration has none
/// @param keys beyond those that all families have
/// @param traits what else is special
/// @param buffers whole names of tensors that checkpoints hold and files do not, as regular
///   expressions
public record GgufFamily(
    String architecture,
    List<String> modelTypes,
    String className,
    FamilyNames names,
    Map<String, String> spelling,
    UnaryOperator<ModelConfig> common,
    Epsilon epsilon,
    Rotary rotary,
    double base,
    List<FamilyKey> keys,
    Set<Trait> traits,
    List<String> buffers) {
  static final String KEY = "general.architecture";

  /// What is special about a family's tensors or sizes.
  enum Trait {
    /// Rows of queries and keys are reordered, so that the rotary embedding turns neighbours.
    PERMUTED_HEADS,
    /// Rows of the fused projection are put from by key head to by kind.
    QKV_BY_KIND,
    /// Matrices of blocks are stored transposed in Hugging Face.
    TRANSPOSED,
    /// Norms are stored plus one.
    NORMS_PLUS_ONE,
    /// Latent attention.
    LATENT,
    /// Embedding and head are one matrix unless a configuration says otherwise.
    TIED,
    /// Heads share the hidden width; there is no `head_dim`.
    NO_HEAD_DIM,
    /// llama.cpp looks for the factors of Llama 3's rotary embedding.
    FREQUENCY_FACTORS,
    /// llama.cpp looks for the factors of LongRoPE.
    LONG_FACTORS,
    /// Experts are stacks in which gate and up take turns.
    ALTERNATING_EXPERTS,
    /// YaRN's blend begins and ends between pairs, which llama.cpp rounds to pairs all the same.
    BLEND_BETWEEN_PAIRS
  }

  /// @param gguf `attention.layer_norm_rms_epsilon` or `attention.layer_norm_epsilon`
  record Epsilon(String gguf, String key, double otherwise) {
    static final Epsilon RMS = rms(1e-6);

    static Epsilon rms(double otherwise) {
      return new Epsilon("attention.layer_norm_rms_epsilon", "rms_norm_eps", otherwise);
    }

    static Epsilon layer(String key) {
      return new Epsilon("attention.layer_norm_epsilon", key, 1e-5);
    }
  }

  /// Which part of a head the rotary embedding turns.
  ///
  /// @param theta configuration key of the base
  /// @param partial configuration key of the part; empty where all is turned
  record Rotary(boolean any, String theta, String partial, double otherwise) {
    static final Rotary WHOLE = new Rotary(true, "rope_theta", "", 1);
    static final Rotary NONE = new Rotary(false, "", "", 0);

    static Rotary partial(double otherwise) {
      return new Rotary(true, "rope_theta", "partial_rotary_factor", otherwise);
    }

    /// The share of a head that a configuration turns.
    double share(ModelConfig config) {
      if (partial.isEmpty()) {
        return 1;
      }
      return RopeWriter.number(config, "partial_rotary_factor")
          .orElseGet(() -> config.number(partial).orElse(otherwise));
    }
  }

  /// The `model_type` that a translated configuration gets, except DeepSeek V2.
  String modelType() {
    return modelTypes.getFirst();
  }

  boolean is(Trait trait) {
    return traits.contains(trait);
  }

  /// The order of the rows of a stem, where a file has another than Hugging Face.
  Optional<RowOrder> order(String stem, int heads, int kvHeads) {
    String name = stem.substring(stem.lastIndexOf('.') + 1);
    if (is(Trait.PERMUTED_HEADS)) {
      return switch (name) {
        case "attn_q" -> Optional.of(new HeadOrder(heads));
        case "attn_k" -> Optional.of(new HeadOrder(kvHeads));
        default -> Optional.empty();
      };
    }
    return is(Trait.QKV_BY_KIND) && name.equals("attn_qkv")
        ? Optional.of(new QkvOrder(heads, kvHeads))
        : Optional.empty();
  }

  /// A configuration of the family with Llama's keys beside its own.
  ModelConfig common(ModelConfig config) {
    var root = config.root().deepCopy();
    spelling.forEach((own, llama) -> {
      if (root.hasNonNull(own)) {
        root.set(llama, root.get(own));
      }
    });
    return common.apply(new ModelConfig(config.file(), root));
  }

  @Override
  public String toString() {
    return architecture;
  }
}
