package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.MadeView.Made;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Mixtures of experts as a family's published checkpoints have them, where a checkpoint has them
/// as transformers 5 holds them in memory (`save_original_format=False`): `experts.gate_up_proj`
/// `[E, 2 ff, in]`, gate first, and `experts.down_proj` `[E, in, ff]`, some under other names.
/// Programs other than transformers know the published names only, and packed experts one by one.
/// Qwen3-VL is published in stacks, `[E, in, 2 ff]` and `[E, ff, in]`, which become single experts
/// too.
///
/// Source: transformers 5.17 `conversion_mapping.py`; vLLM `model_executor/models/mixtral.py`,
/// `minimax_text_01.py` and `granitemoe.py`, whose parameters are those of `block_sparse_moe`.
///
/// @param renamed parts of names, published ones last
/// @param parts an expert's gate, up and down; empty where published checkpoints stack them too
public record PublishedMixture(Map<String, String> renamed, List<String> parts) {
  private static final PublishedMixture MIXTRAL =
      new PublishedMixture(
          Map.of(
              ".mlp.gate.", ".block_sparse_moe.gate.",
              ".mlp.experts.", ".block_sparse_moe.experts."),
          List.of("w1", "w3", "w2"));
  private static final PublishedMixture GRANITE =
      new PublishedMixture(
          Map.of(
              ".block_sparse_moe.experts.gate_up_proj", ".block_sparse_moe.input_linear.weight",
              ".block_sparse_moe.experts.down_proj", ".block_sparse_moe.output_linear.weight",
              ".block_sparse_moe.router.weight", ".block_sparse_moe.router.layer.weight"),
          List.of());
  private static final PublishedMixture QWEN =
      new PublishedMixture(Map.of(), List.of("gate_proj", "up_proj", "down_proj"));
  private static final Set<String> LIKE_QWEN =
      Set.of(
          "qwen2_moe",
          "qwen3_moe",
          "qwen3_next",
          "olmoe",
          "deepseek_v2",
          "deepseek_v3",
          "glm4_moe",
          "qwen3_vl_moe_text");

  private static final String GATE_UP = ".experts.gate_up_proj";
  private static final String DOWN = ".experts.down_proj";
  private static final int MOST_EXPERTS = 1 << 14;

  /// How published checkpoints of a family have its mixtures, if transformers has them otherwise.
  public static Optional<PublishedMixture> of(ModelConfig config) {
    Optional<String> part =
        config.object("text_config").map(t -> t.path("model_type").asString(""));
    return part.or(() -> config.text("model_type"))
        .map(type ->
            switch (type) {
              case "mixtral", "minimax" -> MIXTRAL;
              case "granitemoe" -> GRANITE;
              default -> LIKE_QWEN.contains(type) ? QWEN : null;
            });
  }

  /// The checkpoint under published names; itself where it has them already. Closing the view
  /// closes the checkpoint.
  public static Checkpoint view(ModelConfig config, Checkpoint checkpoint) {
    int hidden =
        config
            .object("text_config")
            .map(t -> t.path("hidden_size").asInt(0))
            .orElseGet(() -> config.integer("hidden_size").orElse(0));
    return of(config).map(m -> m.view(checkpoint, hidden)).orElse(checkpoint);
  }

  private Checkpoint view(Checkpoint checkpoint, int hidden) {
    SequencedMap<String, List<Made>> views = new LinkedHashMap<>();
    for (TensorInfo t : checkpoint.tensors().values()) {
      List<Made> made = stands(t, hidden);
      if (!made.isEmpty()) {
        views.put(t.name(), made);
      }
    }
    return MadeView.of(checkpoint, views);
  }

  private List<Made> stands(TensorInfo t, int hidden) {
    String name = published(t.name());
    boolean up = name.endsWith(GATE_UP);
    if (!parts.isEmpty() && (up || name.endsWith(DOWN)) && stacked(t)) {
      // Where both sides are as wide, transformers takes it for its own order too.
      boolean turned = t.shape().get(up ? 2 : 1) != hidden && t.shape().get(up ? 1 : 2) == hidden;
      return experts(t, name, up ? parts.subList(0, 2) : parts.subList(2, 3), turned);
    }
    return name.equals(t.name())
        ? List.of()
        : List.of(new MadeView.Slice(new TensorInfo(name, t.dtype(), t.shape()), t.name(), 0));
  }

  private static boolean stacked(TensorInfo t) {
    List<Long> shape = t.shape();
    return shape.size() == 3
        && t.elements() > 0
        && shape.getFirst() <= MOST_EXPERTS
        && Floats.supports(t.dtype());
  }

  private static List<Made> experts(TensorInfo t, String name, List<String> parts, boolean turned) {
    String parent = name.substring(0, name.lastIndexOf('.') + 1);
    List<Long> stored = t.shape().subList(1, 3);
    long rows = (turned ? stored.getLast() : stored.getFirst()) / parts.size();
    List<Long> shape = List.of(rows, turned ? stored.getFirst() : stored.getLast());
    List<Made> made = new ArrayList<>();
    for (int e = 0; e < t.shape().getFirst(); e++) {
      for (int p = 0; p < parts.size(); p++) {
        String module = parent + e + "." + parts.get(p);
        TensorInfo info = new TensorInfo(module + ".weight", t.dtype(), shape);
        long number = (long) e * parts.size() + p;
        made.add(
            turned
                ? new TurnedExpert(info, t, e, p, parts.size())
                : new MadeView.Slice(info, t.name(), number * info.byteSize()));
      }
    }
    return made;
  }

  /// The published name of a tensor.
  String published(String name) {
    for (Map.Entry<String, String> e : renamed.entrySet()) {
      if (name.contains(e.getKey())) {
        return name.replace(e.getKey(), e.getValue());
      }
    }
    return name;
  }
}
