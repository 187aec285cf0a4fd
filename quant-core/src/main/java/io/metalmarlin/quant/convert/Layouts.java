package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.model.Activations;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModuleLayout;
import io.metalmarlin.formats.model.NamedSchemes;
import io.metalmarlin.formats.model.StoredAs;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/// What the output's configuration says about its modules.
final class Layouts {
  private static final List<String> TYPE_KEYS = List.of("dtype", "torch_dtype");

  private Layouts() {}

  /// The dialect's documents over the source's configuration, cleared of what it said about its own
  /// quantization.
  ///
  /// @param model the type that scales and dense tensors have
  static Map<String, ObjectNode> documents(
      ConvertSource source, ConvertRequest request, List<ConvertStep> steps, DType model) {
    ModuleLayout layout = layout(source, request, steps, model);
    return request.to().describe(config(source, request), layout);
  }

  /// The source's configuration without its own quantization.
  static ModelConfig config(ConvertSource source, ConvertRequest request) {
    ObjectNode root = source.config().dense();
    Optional<DType> type =
        request
            .dtype()
            .or(() ->
                source.modules().isEmpty() || !dense(request)
                    ? Optional.empty()
                    : Optional.of(DType.BF16));
    type.ifPresent(t -> setType(root, t));
    return new ModelConfig(source.config().file(), root);
  }

  private static boolean dense(ConvertRequest request) {
    return request.dequantize() || request.to().name().equals("hf-dense");
  }

  private static void setType(ObjectNode root, DType type) {
    String name =
        switch (type) {
          case F16 -> "float16";
          case F32 -> "float32";
          default -> "bfloat16";
        };
    List<String> present = TYPE_KEYS.stream().filter(root::has).toList();
    (present.isEmpty() ? List.of("torch_dtype") : present).forEach(k -> root.put(k, name));
  }

  private static ModuleLayout layout(
      ConvertSource source, ConvertRequest request, List<ConvertStep> steps, DType model) {
    InputScales inputs = new InputScales(source, request.to());
    Map<String, StoredAs> packed = new TreeMap<>();
    TreeSet<String> dense = new TreeSet<>();
    for (ConvertStep s : steps) {
      switch (s) {
        case ConvertStep.Repack r -> {
          StoredAs stored = stored(r.target(), inputs.activations(r.name()), model);
          packed.put(r.name(), stored.behind(r.module().transform()));
        }
        case ConvertStep.Requantize q ->
            packed.put(q.name(), stored(q.target(), Activations.NONE, model));
        case ConvertStep.Dequantize d -> {
          if (!ModuleKinds.embedding(d.name())) {
            dense.add(d.name());
          }
        }
        case ConvertStep.Keep k when ModuleKinds.linear(k.tensor()) ->
            dense.add(ModuleKinds.stem(k.name()));
        case ConvertStep.Cast c when ModuleKinds.linear(c.tensor()) ->
            dense.add(ModuleKinds.stem(c.name()));
        case ConvertStep.Keep k -> {}
        case ConvertStep.Cast c -> {}
        case ConvertStep.Number n -> {}
      }
    }
    if (!packed.containsKey("lm_head")) {
      dense.add("lm_head");
    }
    return new ModuleLayout(packed, dense, CacheCarry.said(source, request.to()));
  }

  private static StoredAs stored(Packing packing, Activations activations, DType model) {
    String name =
        NamedSchemes.ALL.stream()
            .filter(e -> e.activations() == activations)
            .filter(e ->
                NamedSchemes.of(e.name(), OptionalInt.empty(), model)
                    .filter(n -> n.weights().equals(packing.scheme()))
                    .isPresent())
            .map(NamedSchemes.Entry::name)
            .findFirst()
            .orElse(packing.scheme().name());
    return new StoredAs(name, packing, activations);
  }
}
