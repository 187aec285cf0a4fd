package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.PackedModules;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.HashSet;
import java.util.Set;

/// Every tensor belongs to a weight of the model, where its architecture is known: loaders of some
/// programs end with an error at a name they have no place for.
public final class StrayTensors implements Check {
  @Override
  public String code() {
    return "stray";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.spec().isEmpty()) {
      return;
    }
    Set<String> known = modules(subject.spec().get());
    Set<String> planes = planes(subject, known);
    for (String tensor : subject.checkpoint().tensors().keySet()) {
      String stem = PackedModules.stem(tensor);
      // Scales of a key-value cache stand on the attention module.
      boolean cache = tensor.endsWith(".k_scale") || tensor.endsWith(".v_scale");
      if (known.contains(stem)
          || planes.contains(tensor)
          || cache
          || isBuffer(subject.spec().get(), tensor)) {
        continue;
      }
      String reason = "belongs to no weight of a " + subject.spec().get().family() + " model";
      String remedy = "Remove it, or correct config.json if it describes another model.";
      if (subject.asks(Rule.NO_STRAY_TENSORS)) {
        findings.error(tensor, reason + "; the loader ends with an error at it", remedy);
      } else {
        findings.warning(tensor, reason, remedy);
      }
    }
  }

  /// Planes of the model's modules: those of a stack of experts have the name of the stack.
  private static Set<String> planes(Subject subject, Set<String> known) {
    Set<String> names = new HashSet<>();
    subject
        .modules()
        .forEach((stem, module) -> {
          if (known.contains(stem)) {
            module.planes().forEach(p -> names.add(p.tensor()));
          }
        });
    return names;
  }

  private static Set<String> modules(ModelSpec spec) {
    Set<String> names = new HashSet<>();
    spec.matrices().forEach(l -> names.add(PackedModules.stem(spec.tensor(l))));
    spec.matrices().forEach(l -> names.add(spec.module(l)));
    spec.parameters().forEach(p -> names.add(PackedModules.stem(spec.tensor(p))));
    // Tied or not, the head may lie in the file.
    names.add(spec.names().module(spec.head().linear().id()));
    return names;
  }

  private static boolean isBuffer(ModelSpec spec, String tensor) {
    return spec.buffers().stream().anyMatch(tensor::matches);
  }
}
