package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// What becomes of experts that the source stores in one tensor: packed one by one where the loader
/// knows them so, else left as they are.
///
/// Sources: vLLM `vllm/model_executor/models/granitemoe.py` (`experts.E.w1`, `w2`, `w3`) and
/// `llama4.py` (`experts.E.gate_proj`, `up_proj`, `down_proj`); `gpt_oss.py` there knows stacks
/// only, and so do the modules of transformers 5.
///
/// @param spec with the experts one by one
/// @param familyStacks whether published files of the family stack them too
/// @param target who must load them
record StackedExperts(ModelSpec spec, boolean familyStacks, Target target) implements LoaderGap {
  /// Families whose packed experts vLLM loads one by one.
  private static final Set<String> VLLM = Set.of("granitemoe", "llama4_text");

  private static final String MARLIN = "marlin";

  /// @param model with the experts one by one
  static StackedExperts of(Model model, Target target) {
    ModelConfig config = model.config();
    boolean stacks =
        Architectures.knows(config)
            && Architectures.describe(config).linears().stream()
                .anyMatch(l -> l.layout().stack() > 0);
    return new StackedExperts(model.spec(), stacks, target);
  }

  /// Whether the loader knows the experts of this family one by one.
  boolean loadedApart() {
    return !familyStacks
        || target.name().equals(MARLIN)
        || target.name().equals("vllm") && VLLM.contains(spec.family());
  }

  @Override
  public String code() {
    return "W307";
  }

  @Override
  public String reason() {
    return "stacked experts";
  }

  @Override
  public List<Linear> kept() {
    return loadedApart() ? List.of() : stacked();
  }

  @Override
  public String message(List<Linear> kept, long weights) {
    return "%d tensors of stacked experts (%,d weights) stay in their source type: %s"
        .formatted(
            kept.stream().map(spec::tensor).distinct().count(),
            weights,
            "target %s knows no packed form of them for model_type \"%s\" (%s does)"
                .formatted(target.name(), spec.family(), knownBy()));
  }

  private String knownBy() {
    return VLLM.contains(spec.family()) ? "--target vllm" : "--target " + MARLIN;
  }

  /// Refuses to quantize a part of what must stay together: a stack, and for loaders other than our
  /// own all experts of a layer.
  @Override
  public List<MarlinException> refusals(Set<Linear> ignored) {
    Function<Linear, Object> together =
        target.name().equals(MARLIN) ? spec::tensor : l -> l.id().layer();
    Map<Object, List<Linear>> sets = new LinkedHashMap<>();
    stacked().forEach(l -> sets.computeIfAbsent(together.apply(l), k -> new ArrayList<>()).add(l));
    return sets.values().stream()
        .filter(set -> set.stream().anyMatch(ignored::contains) && !ignored.containsAll(set))
        .findFirst()
        .map(set -> partly(set, ignored))
        .stream()
        .toList();
  }

  private MarlinException partly(List<Linear> set, Set<Linear> ignored) {
    Linear out = set.stream().filter(ignored::contains).findFirst().orElseThrow();
    String parent = spec.module(out).replaceFirst("\\.\\d+\\.[^.]+$", "");
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        "--ignore",
        "keeps %s, but not all of %s, which one tensor holds or one loader reads together"
            .formatted(spec.module(out), parent),
        "Ignore all experts of a layer or none: --ignore 're:.*%s'."
            .formatted(parent.substring(parent.lastIndexOf('.') + 1)));
  }

  private List<Linear> stacked() {
    return spec.linears().stream().filter(l -> l.layout().stack() > 0).toList();
  }
}
