package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.fpquant.FpQuantPacking;
import io.metalmarlin.formats.tensor.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// FP-Quant (MR-GPTQ), read only. Weights are stored in the basis of a block Hadamard transform of
/// the input: a runner transforms the input likewise, or rotates the weights back.
public final class FpQuantDialect implements Dialect {
  private static final String METHOD = "fp_quant";

  @Override
  public String name() {
    return "fp-quant";
  }

  @Override
  public boolean accepts(ModelConfig config, Checkpoint checkpoint) {
    return QuantizationConfig.of(config).says(METHOD);
  }

  @Override
  public boolean writes() {
    return false;
  }

  /// Reads the transform of every module beside the headers: a few KB each.
  @Override
  public SequencedMap<String, PackedModule> modules(ModelConfig config, Checkpoint checkpoint) {
    IntConfig c = new IntConfig(config, QuantizationConfig.of(config).root().orElseThrow());
    String dtype = c.text("forward_dtype").orElseThrow(() -> c.malformed("no forward_dtype"));
    FpQuantPacking packing =
        FpQuantPacking.ALL.stream()
            .filter(p -> p.forwardDtype().equals(dtype))
            .findFirst()
            .orElseThrow(() -> c.refused("the weights are FP-Quant with forward_dtype " + dtype));
    if (c.flag("pseudoquantization").orElse(false)) {
      throw c.refused("the weights are FP-Quant with pseudoquantization: stored dequantized");
    }
    StoredHadamard hadamard = new StoredHadamard(c, checkpoint);
    PlaneFinder finder = new PlaneFinder(checkpoint);
    SequencedMap<String, PackedModule> modules = new LinkedHashMap<>();
    for (String stem : Tensors.stems(checkpoint)) {
      if (Tensors.has(checkpoint, stem + ".dqweight")) {
        throw c.refused(stem + " is stored by FP-Quant as dqweight (pseudoquantization)");
      }
      if (Tensors.has(checkpoint, stem + ".qweight")) {
        int[] size = Tensors.matrix(checkpoint, stem + ".qweight");
        int cols = 2 * size[1];
        modules.put(
            stem, finder.module(stem, packing, size[0], cols, hadamard.transform(stem, cols)));
      }
    }
    return modules;
  }

  @Override
  public Set<Class<? extends Packing>> packings() {
    return Set.of(FpQuantPacking.class);
  }

  @Override
  public Optional<Packing> packingFor(Scheme scheme, DType model) {
    return Optional.empty();
  }

  @Override
  public Map<String, ObjectNode> describe(ModelConfig source, ModuleLayout layout) {
    throw new IllegalArgumentException(name() + " is read only");
  }
}
