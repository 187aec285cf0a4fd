package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.NameTable;
import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.Rope;
import io.metalmarlin.runtime.model.Span;
import java.util.List;
import java.util.function.IntPredicate;
import tools.jackson.databind.JsonNode;

/// EXAONE 4: norms behind the branches and on every head of queries and keys; where some layers
/// have a sliding window, the others have no rotary embedding.
///
/// Source: transformers 5.23 `models/exaone4/modeling_exaone4.py`.
public final class Exaone4 implements Architecture {
  @Override
  public String modelType() {
    return "exaone4";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    ModelConfig c =
        ConfigDefaults.fill(config, "{\"sliding_window\": 4096, \"sliding_window_pattern\": 4}");
    Sizes sizes = Sizes.of(c, "rms_norm_eps", 1e-5);
    Parts parts = new Parts(sizes);
    Activation activation = ConfigChecks.activation(c, "hidden_act", "silu");
    Rope rope = RopeConfig.of(c, sizes.headDim()).rope();
    boolean windowed = c.integer("sliding_window").isPresent();
    List<Span> spans = LayerSpans.of(c, sizes.layers(), windows(c));
    return new ModelDraft(c, sizes, false)
        .names(NameTable.BEHIND)
        .blocks(i -> {
          AttentionDraft attention =
              parts
                  .attention(i)
                  .headNorms(parts.headRms(i, Role.Q_NORM), parts.headRms(i, Role.K_NORM))
                  .span(spans.get(i));
          boolean turned = !windowed || spans.get(i) != Span.FULL;
          return List.of(
              Branch.post(
                  (turned ? attention.rope(rope) : attention).done(),
                  parts.rms(i, Role.POST_ATTENTION_NORM)),
              Branch.post(parts.gatedMlp(i, activation, false), parts.rms(i, Role.POST_MLP_NORM)));
        });
  }

  /// `sliding_window_pattern`: a number, of which each layer at a multiple sees everything, or
  /// letters, L for a window and G for none, over and over.
  private static IntPredicate windows(ModelConfig config) {
    JsonNode pattern = config.root().get("sliding_window_pattern");
    if (pattern.isString() && pattern.stringValue().matches("[LG]+")) {
      String letters = pattern.stringValue();
      return layer -> letters.charAt(layer % letters.length()) == 'L';
    }
    int interval = config.integer("sliding_window_pattern").orElse(0);
    return layer -> interval > 0 && (layer + 1) % interval != 0;
  }
}
