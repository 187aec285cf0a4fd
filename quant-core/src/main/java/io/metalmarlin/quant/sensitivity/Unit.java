package io.metalmarlin.quant.sensitivity;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.plan.Joins;
import io.metalmarlin.quant.plan.Planner;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Linears of one block that get one scheme.
///
/// @param name the block and its members' last names, for example `3.q_proj+k_proj`
public record Unit(String name, int layer, List<Linear> linears) {
  public Unit {
    linears = List.copyOf(linears);
  }

  /// All units in running order: what the target's loaders hold in one matrix, else query and key
  /// together, value, output, gate and up together, down; of experts those of all of a layer.
  ///
  /// @param spec with its experts one by one
  public static List<Unit> of(ModelSpec spec, Joins joins) {
    Map<String, List<Linear>> sets = new LinkedHashMap<>();
    for (Linear l : spec.linears()) {
      if (!l.exact()) {
        sets.computeIfAbsent(l.id().layer() + " " + kind(l, joins), k -> new ArrayList<>()).add(l);
      }
    }
    return sets.values().stream()
        .map(set -> new Unit(name(spec, set), set.getFirst().id().layer(), set))
        .toList();
  }

  /// Those of [#of] that a recipe rounds.
  ///
  /// @param model with its experts one by one
  public static List<Unit> rounded(Model model, Recipe recipe) {
    Set<Linear> linears =
        Planner.quantized(model, recipe).stream()
            .map(Step.Quantize::linear)
            .collect(Collectors.toSet());
    return of(model.spec(), Target.named(recipe.target()).joins()).stream()
        .filter(u -> linears.containsAll(u.linears()))
        .toList();
  }

  private static String kind(Linear l, Joins joins) {
    boolean expert = l.id().expert() != WeightId.SINGLE;
    if (joins == Joins.FUSED) {
      return expert ? "experts" : l.fuseGroup();
    }
    String of = expert ? "experts " : "";
    return of
        + switch (l.id().role()) {
          case Q, K -> "qk";
          case GATE, UP -> "gate_up";
          case SHARED_GATE, SHARED_UP -> "shared_gate_up";
          case UNKNOWN -> l.fuseGroup();
          default -> l.id().role().name();
        };
  }

  private static String name(ModelSpec spec, List<Linear> set) {
    String members =
        String.join(
            "+",
            set.stream()
                .map(spec::module)
                .map(m -> m.substring(m.lastIndexOf('.') + 1))
                .distinct()
                .toList());
    boolean experts = set.getFirst().id().expert() != WeightId.SINGLE;
    return set.getFirst().id().layer() + "." + (experts ? "experts." : "") + members;
  }
}
