package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The tensors of a GGUF file for a Hugging Face model: names, order, shapes, what must be FP32 and
/// what happens to the values.
///
/// @param targets in file order: embedding, blocks, last norm, head
/// @param leftOut Hugging Face tensors that the file does not get, as llama.cpp's converter leaves
///   them out: the head of a model that shares it with the embedding, tables of the rotary
///   embedding, layers beyond `num_hidden_layers` that predict further tokens
public record GgufLayout(List<GgufTarget> targets, List<String> leftOut) {
  public GgufLayout {
    targets = List.copyOf(targets);
    leftOut = List.copyOf(leftOut);
  }

  /// Plans a file.
  ///
  /// @param tensors of the model, with Hugging Face names and the shapes of dense tensors; for a
  ///   packed module its `.weight` stands for all its planes
  /// @throws MarlinException `TARGET_CANNOT` naming a tensor that has no place, `TENSOR_MISSING` an
  ///   expert that is not there
  public static GgufLayout of(ModelConfig config, Collection<TensorInfo> tensors) {
    Planner planner = new Planner(config);
    tensors.forEach(planner::add);
    return planner.layout();
  }

  /// What llama.cpp wants in FP32.
  private static final List<String> F32 =
      List.of("ffn_gate_inp.weight", "ffn_gate_inp_shexp.weight", "position_embd.weight");

  private static final String SINKS = "self_attn.sinks";

  private static final Optional<String> HEAD = Optional.of("output");

  private static final class Planner {
    private final ModelConfig config;
    private final GgufFamily family;
    private final GgufNames names;
    private final int layers;
    private final List<GgufTarget> targets = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private final Map<GgufNames.Experts, Map<Integer, TensorInfo>> stacks = new LinkedHashMap<>();
    private final Optional<ExpertStacks> alternating;

    Planner(ModelConfig config) {
      this.family = GgufFamilies.of(config);
      this.config = family.common(config);
      this.names = new GgufNames(family);
      this.layers = this.config.requireInt("num_hidden_layers");
      this.alternating =
          family.is(Trait.ALTERNATING_EXPERTS)
              ? Optional.of(new ExpertStacks(experts()))
              : Optional.empty();
    }

    void add(TensorInfo t) {
      int dot = t.name().lastIndexOf('.');
      String module = dot < 0 ? t.name() : t.name().substring(0, dot);
      String suffix = t.name().substring(dot + 1);
      boolean known = suffix.equals("weight") || suffix.equals("bias");
      Optional<GgufNames.Experts> experts = names.expertsOf(module);
      Optional<String> stem = names.stem(module);
      int layer = names.layer(t.name());
      String within = names.within(t.name());
      Optional<List<GgufTarget>> turns =
          layer < 0 || layer >= layers
              ? Optional.empty()
              : alternating.flatMap(a -> a.take(layer, within, t));
      if (isLeftOut(t.name())) {
        leftOut.add(t.name());
      } else if (turns.isPresent()) {
        targets.addAll(turns.get());
      } else if (layer >= 0 && within.equals(SINKS)) {
        targets.add(plain("blk." + layer + ".attn_sinks.weight", t, new RowMove.Stay()));
      } else if (suffix.equals("e_score_correction_bias") && layer >= 0) {
        String name = "blk." + layer + ".exp_probs_b.bias";
        targets.add(plain(name, t, new RowMove.Stay()));
      } else if (suffix.equals("weight") && experts.isPresent()) {
        stacks.computeIfAbsent(experts.get(), e -> new TreeMap<>()).put(names.expert(module), t);
      } else if (known && family.is(Trait.LATENT) && module.endsWith(".kv_b_proj")) {
        addLatent(t);
      } else if (known && stem.isPresent()) {
        targets.add(plain(stem.get() + "." + suffix, t, move(stem.get(), suffix, t)));
      } else {
        throw cannot(t, "has no place in a GGUF file of the architecture");
      }
    }

    private boolean isLeftOut(String name) {
      boolean tied = config.flag("tie_word_embeddings", family.is(Trait.TIED));
      return tied && names.stem(name.replaceFirst("\\.weight$", "")).equals(HEAD)
          || family.buffers().stream().anyMatch(name::matches)
          || name.endsWith(".rotary_emb.inv_freq")
          || names.layer(name) >= layers;
    }

    private RowMove move(String stem, String suffix, TensorInfo t) {
      if (names.layer(stem) < 0) {
        return new RowMove.Stay();
      }
      if (family.is(Trait.TRANSPOSED) && suffix.equals("weight") && t.shape().size() == 2) {
        // Packed matrices have their outputs for rows, whatever the dense ones have.
        return t.dtype().isBlock() ? new RowMove.Stay() : new RowMove.Transpose();
      }
      int heads = config.requireInt("num_attention_heads");
      int kvHeads = config.integer("num_key_value_heads").orElse(heads);
      return family
          .order(stem, heads, kvHeads)
          .<RowMove>map(RowMove.Rows::new)
          .orElseGet(RowMove.Stay::new);
    }

    private GgufTarget plain(String name, TensorInfo t, RowMove move) {
      boolean norm = name.endsWith("norm.weight");
      boolean f32 = t.shape().size() < 2 || norm || F32.stream().anyMatch(name::endsWith);
      if (move instanceof RowMove.Rows(RowOrder order) && !order.fits(t.shape().getFirst())) {
        throw cannot(t, "has " + t.shape().getFirst() + " rows, which do not fit " + order);
      }
      return new GgufTarget(
          name,
          move instanceof RowMove.Transpose ? t.shape().reversed() : t.shape(),
          List.of(t.name()),
          move,
          norm && family.is(Trait.NORMS_PLUS_ONE),
          f32,
          Optional.empty());
    }

    private void addLatent(TensorInfo t) {
      long heads = config.requireInt("num_attention_heads");
      int keys = config.requireInt("qk_nope_head_dim");
      int values = config.requireInt("v_head_dim");
      if (t.shape().size() != 2 || t.shape().getFirst() != heads * (keys + values)) {
        throw cannot(t, "has shape " + t.shape());
      }
      long latent = t.shape().getLast();
      String block = "blk." + names.layer(t.name());
      targets.add(
          latent(
              block + ".attn_k_b.weight",
              t,
              List.of(heads, latent, (long) keys),
              new RowMove.LatentKeys(keys, values)));
      targets.add(
          latent(
              block + ".attn_v_b.weight",
              t,
              List.of(heads, (long) values, latent),
              new RowMove.LatentValues(keys, values)));
    }

    private static GgufTarget latent(String name, TensorInfo t, List<Long> shape, RowMove move) {
      return new GgufTarget(name, shape, List.of(t.name()), move, false, false, Optional.empty());
    }

    GgufLayout layout() {
      stacks.forEach(this::addStack);
      alternating.ifPresent(a -> targets.addAll(a.rest()));
      for (RopeFactors f : RopeFactors.of(family, config)) {
        List<Long> shape = List.of((long) f.values().length);
        targets.add(
            new GgufTarget(
                f.tensor(),
                shape,
                List.of(),
                new RowMove.Stay(),
                false,
                true,
                Optional.of(f.values())));
      }
      targets.sort(
          Comparator.<GgufTarget>comparingInt(t -> names.rank(t.name()))
              .thenComparing(GgufTarget::name));
      return new GgufLayout(targets, leftOut);
    }

    private void addStack(GgufNames.Experts stack, Map<Integer, TensorInfo> experts) {
      int count = experts();
      List<String> sources = new ArrayList<>();
      List<Long> shape = List.of();
      for (int expert = 0; expert < count; expert++) {
        TensorInfo t = experts.get(expert);
        if (t == null || experts.size() != count || expert > 0 && !t.shape().equals(shape)) {
          throw new MarlinException(
              ErrorCode.TENSOR_MISSING,
              names.expertModule(stack, expert, stack.projection()) + ".weight",
              "is missing or unlike the others: %d experts are there, the configuration has %d"
                  .formatted(experts.size(), count),
              "The checkpoint is incomplete or belongs to another config.json; download it again.");
        }
        shape = t.shape();
        sources.add(t.name());
      }
      List<Long> stacked = new ArrayList<>(shape);
      stacked.addFirst((long) count);
      targets.add(
          new GgufTarget(
              stack.stem() + ".weight",
              stacked,
              sources,
              new RowMove.Stay(),
              false,
              false,
              Optional.empty()));
    }

    private int experts() {
      for (String key : List.of("num_experts", "n_routed_experts", "num_local_experts")) {
        if (config.integer(key).isPresent()) {
          return config.requireInt(key);
        }
      }
      return config.requireInt("num_experts");
    }

    private MarlinException cannot(TensorInfo t, String what) {
      return new MarlinException(
          ErrorCode.TARGET_CANNOT,
          t.name(),
          what + " (" + family.architecture() + ")",
          "Write another format, or remove the tensor from the checkpoint.");
    }
  }
}
