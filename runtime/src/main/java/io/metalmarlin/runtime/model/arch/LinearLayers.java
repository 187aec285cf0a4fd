package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModuleNames;
import io.metalmarlin.formats.model.NameTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// Which layers of a hybrid model have a linear attention; the others attend to every token.
record LinearLayers(List<Boolean> linear) {
  /// As `layer_types` says; where it is missing, all but those of the rule.
  static LinearLayers of(ModelConfig config, int layers, IntPredicate full) {
    Optional<List<String>> types = LayerSpans.types(config, layers);
    List<Boolean> linear = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      String otherwise = full.test(i) ? "full_attention" : "linear_attention";
      String type = types.isPresent() ? types.get().get(i) : otherwise;
      linear.add(
          switch (type) {
            case "linear_attention" -> true;
            case "full_attention" -> false;
            default ->
                throw ConfigChecks.unsupported(
                    config,
                    "layer_types[%d] = \"%s\" (linear_attention and full_attention are)"
                        .formatted(i, type));
          });
    }
    return new LinearLayers(linear);
  }

  boolean has(int layer) {
    return linear.get(layer);
  }

  /// One table in layers with a linear attention, another everywhere else.
  ModuleNames names(NameTable inLinear, NameTable elsewhere) {
    return id -> (id.layer() >= 0 && has(id.layer()) ? inLinear : elsewhere).module(id);
  }
}
