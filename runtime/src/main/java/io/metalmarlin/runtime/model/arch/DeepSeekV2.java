package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;

/// DeepSeek V2 and V2 Lite: latent attention, experts by softmax, whose weights are not normalised,
/// of the best groups where `topk_method` says so.
///
/// Source: transformers 5.23 `models/deepseek_v2/modeling_deepseek_v2.py`; DeepSeek-AI 2024.
public final class DeepSeekV2 implements Architecture {
  @Override
  public String modelType() {
    return "deepseek_v2";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    if (config.flag("norm_topk_prob", false)) {
      throw ConfigChecks.unsupported(config, "norm_topk_prob true");
    }
    String method = config.text("topk_method").orElse("greedy");
    boolean grouped =
        switch (method) {
          case "greedy" -> false;
          case "group_limited_greedy" -> true;
          default ->
              throw ConfigChecks.unsupported(
                  config, "topk_method \"" + method + "\" (greedy and group_limited_greedy are)");
        };
    double scale = ConfigChecks.positiveNumber(config, "routed_scaling_factor", 1);
    return DeepSeekParts.of(config)
        .model(
            0,
            draft -> {
              draft.normalised(false).scale(scale);
              return grouped
                  ? draft.groups(ExpertGroups.of(config, config.requireInt("n_routed_experts"), 1))
                  : draft;
            });
  }
}
