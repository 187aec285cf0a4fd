package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Projections that runtimes fuse into one matrix (q, k, v; gate, up) share one tensor scale. vLLM
/// takes the largest of those it finds, and all other parts decode to something else.
public final class FusedScales implements Check {
  private static final List<List<String>> FUSED =
      List.of(
          List.of("q_proj", "k_proj", "v_proj"),
          List.of("gate_proj", "up_proj"),
          List.of("w1", "w3"),
          List.of("q_a_proj", "kv_a_proj_with_mqa"));

  @Override
  public String code() {
    return "fused-scale";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    Map<String, Map<String, Float>> groups = new LinkedHashMap<>();
    for (PackedModule m : subject.modules().values()) {
      fusedName(m.stem())
          .ifPresent(group ->
              tensorScale(m, subject)
                  .ifPresent(scale ->
                      groups
                          .computeIfAbsent(group, g -> new LinkedHashMap<>())
                          .put(m.stem(), scale.value())));
    }
    groups
        .values()
        .forEach(scales -> {
          if (scales.values().stream().distinct().count() > 1) {
            report(subject, scales, findings);
          }
        });
  }

  private static void report(Subject subject, Map<String, Float> scales, Findings findings) {
    String first = scales.keySet().iterator().next();
    StringBuilder list = new StringBuilder();
    scales.forEach((module, scale) ->
        list.append(list.isEmpty() ? "" : ", ")
            .append(module.substring(module.lastIndexOf('.') + 1))
            .append(' ')
            .append(scale));
    String reason = "tensor scales of fused projections differ: " + list;
    String remedy = "Quantize them with a shared amax; `marlin quantize` does.";
    if (subject.asks(Rule.FUSED_SCALES_EQUAL)) {
      findings.error(first, reason + "; the target runs them with one", remedy);
    } else {
      findings.warning(first, reason + "; vLLM and SGLang would run them with one", remedy);
    }
  }

  /// The name of the fused matrix that a module goes into.
  private static Optional<String> fusedName(String stem) {
    int dot = stem.lastIndexOf('.');
    String last = stem.substring(dot + 1);
    return FUSED.stream()
        .filter(parts -> parts.contains(last))
        .findFirst()
        .map(parts -> stem.substring(0, dot + 1) + String.join("+", parts));
  }

  private static Optional<TensorScale> tensorScale(PackedModule m, Subject subject) {
    boolean twoLevels =
        m.packing().scheme() instanceof GroupScheme g && g.hasTensorScale()
            || m.packing().scheme().name().endsWith("-2of4");
    if (!twoLevels) {
      return Optional.empty();
    }
    return subject
        .matrix(m)
        .flatMap(matrix ->
            switch (matrix) {
              case QuantizedMatrix q -> Optional.of(q.tensorScale());
              case Sparse24Matrix s -> Optional.of(s.values().tensorScale());
              default -> Optional.<TensorScale>empty();
            });
  }
}
