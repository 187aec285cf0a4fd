package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which scheme every linear of a model gets: the recipe's, or that of the last override whose
/// pattern matches.
///
/// @param chosen for every linear that a recipe may round
/// @param kept those that an override leaves in the source's type
record SchemeAssignment(Map<Linear, SchemeChoice> chosen, Set<Linear> kept) {
  private static final String KEPT = "its source type";

  /// @param base the recipe's own scheme
  /// @throws MarlinException `BAD_FLAG` for a pattern that matches nothing
  static SchemeAssignment of(Recipe recipe, ModelSpec spec, DType dtype, SchemeChoice base) {
    Map<Linear, SchemeChoice> chosen = new LinkedHashMap<>();
    spec.linears().stream().filter(l -> !l.exact()).forEach(l -> chosen.put(l, base));
    Set<Linear> kept = new HashSet<>();
    Map<String, SchemeChoice> choices = new HashMap<>();
    for (SchemeRule o : recipe.rules()) {
      ModulePattern pattern = o.matcher();
      List<Linear> meant =
          chosen.keySet().stream().filter(l -> pattern.matches(spec.module(l))).toList();
      if (meant.isEmpty()) {
        throw unmatched(o, spec);
      }
      if (o.keeps()) {
        kept.addAll(meant);
      } else {
        meant.forEach(kept::remove);
        SchemeChoice choice =
            choices.computeIfAbsent(
                o.scheme(), s -> SchemeChoice.of(s, Target.named(recipe.target()), dtype));
        meant.forEach(l -> chosen.put(l, choice));
      }
    }
    return new SchemeAssignment(chosen, kept);
  }

  private static MarlinException unmatched(SchemeRule o, ModelSpec spec) {
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        "--override " + o.text(),
        "matches no linear module of this model that could be quantized",
        "`marlin plan` lists the names, for example "
            + spec.module(spec.linears().getFirst())
            + ".");
  }

  /// One refusal for the first set of linears that the target's loaders join or stack but that
  /// would get several schemes.
  ///
  /// @param ignored linears that are kept for another reason than an override
  List<MarlinException> refusals(ModelSpec spec, Set<Linear> ignored, Target target) {
    Map<String, List<Linear>> sets = new LinkedHashMap<>();
    for (Linear l : chosen.keySet()) {
      if (!ignored.contains(l)) {
        target
            .joins()
            .set(l)
            .ifPresent(s -> sets.computeIfAbsent(s, k -> new ArrayList<>()).add(l));
      }
    }
    return sets.values().stream()
        .filter(set -> set.stream().map(this::label).distinct().count() > 1)
        .findFirst()
        .map(set -> torn(set, spec, target))
        .stream()
        .toList();
  }

  private MarlinException torn(List<Linear> set, ModelSpec spec, Target target) {
    Linear first = set.getFirst();
    Linear other =
        set.stream().filter(l -> !label(l).equals(label(first))).findFirst().orElseThrow();
    return new MarlinException(
        ErrorCode.TARGET_CANNOT,
        spec.module(first),
        "gets %s and %s gets %s, but loaders of target %s hold both in one matrix"
            .formatted(label(first), spec.module(other), label(other), target.name()),
        "Give both one scheme, for example with --override \"re:.*(%s|%s)$=%s\"."
            .formatted(
                last(spec.module(first)),
                last(spec.module(other)),
                kept.contains(other) ? SchemeRule.SOURCE : label(other)));
  }

  private static String last(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }

  private String label(Linear l) {
    return kept.contains(l) ? KEPT : chosen.get(l).label();
  }
}
