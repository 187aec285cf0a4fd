package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// An unquantized Hugging Face checkpoint: every module has a `.weight` of a floating-point type.
public final class HuggingFaceDense implements Dialect {
  /// Planes of one packed format or another; a dense checkpoint has none of them.
  private static final List<String> PACKED =
      List.of(
          ".weight_packed",
          ".weight_scale",
          ".weight_scale_2",
          ".weight_scale_inv",
          ".qweight",
          ".scales",
          "_blocks",
          ".bitmask",
          ".SCB",
          ".quant_state.bitsandbytes__nf4");

  @Override
  public String name() {
    return "hf-dense";
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return QuantizationConfig.of(config).silent() && !Tensors.any(checkpoint, PACKED);
  }

  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    return new LinkedHashMap<>();
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of();
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return Optional.empty();
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    if (!layout.packed().isEmpty()) {
      throw new IllegalArgumentException(
          layout.packed().size() + " packed modules have no dense form");
    }
    return Map.of("config.json", source.dense());
  }
}
