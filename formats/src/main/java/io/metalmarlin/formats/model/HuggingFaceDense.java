package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// An unquantized Hugging Face checkpoint: every module has a `.weight` of a floating-point type.
public final class HuggingFaceDense implements Dialect {
  @Override
  public String name() {
    return "hf-dense";
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return QuantizationConfig.of(config).root().isEmpty() && config.object("quantization").isEmpty();
  }

  @Override
  public Optional<Packing> packing(ModelConfig config, Checkpoint checkpoint, String stem) {
    return Optional.empty();
  }

  @Override
  public Optional<Packing> packingFor(String schemeName) {
    return Optional.empty();
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    if (!layout.packed().isEmpty()) {
      throw new IllegalArgumentException(layout.packed().size() + " packed modules have no dense form");
    }
    return Map.of("config.json", source.root().deepCopy());
  }
}
