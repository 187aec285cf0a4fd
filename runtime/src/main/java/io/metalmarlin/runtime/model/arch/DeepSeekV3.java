package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Router.Groups;

/// DeepSeek V3 and R1: latent attention, experts by sigmoid with a stored correction of the choice,
/// those of the best groups by the sum of two.
///
/// Source: transformers 5.23 `models/deepseek_v3/modeling_deepseek_v3.py`; DeepSeek-AI 2024.
public final class DeepSeekV3 implements Architecture {
  @Override
  public String modelType() {
    return "deepseek_v3";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    for (String[] only :
        new String[][] {{"topk_method", "noaux_tc"}, {"scoring_func", "sigmoid"}}) {
      String value = config.text(only[0]).orElse(only[1]);
      if (!value.equals(only[1])) {
        throw ConfigChecks.unsupported(config, only[0] + " \"" + value + "\" (" + only[1] + " is)");
      }
    }
    boolean normalised = config.flag("norm_topk_prob", true);
    double scale = ConfigChecks.positiveNumber(config, "routed_scaling_factor", 2.5);
    ModelConfig filled = ConfigDefaults.fill(config, "{\"n_group\": 8, \"topk_group\": 4}");
    Groups groups = ExpertGroups.of(filled, config.requireInt("n_routed_experts"), 2);
    return DeepSeekParts.withEitherRope(config)
        .model(
            3,
            draft ->
                draft.sigmoid().corrected().normalised(normalised).scale(scale).groups(groups));
  }
}
