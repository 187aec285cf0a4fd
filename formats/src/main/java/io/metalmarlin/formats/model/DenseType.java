package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The floating-point type of a model's dense tensors, in which some dialects store scales.
public final class DenseType {
  private static final List<DType> KNOWN = List.of(DType.BF16, DType.F16, DType.F32);

  private DenseType() {}

  /// What `dtype` (or `torch_dtype`) of the configuration says, also where it is nested in
  /// `text_config`; else the type with the most elements; BF16 where there is none.
  public static DType of(ModelConfig config, Checkpoint checkpoint) {
    return said(config).orElseGet(() -> found(checkpoint));
  }

  private static Optional<DType> said(ModelConfig config) {
    return config
        .text("dtype")
        .or(() -> config.text("torch_dtype"))
        .or(() -> config.object("text_config").map(t -> t.path("dtype").asString("")))
        .flatMap(name ->
            switch (name.replaceFirst("^torch\\.", "")) {
              case "bfloat16" -> Optional.of(DType.BF16);
              case "float16" -> Optional.of(DType.F16);
              case "float32" -> Optional.of(DType.F32);
              default -> Optional.empty();
            });
  }

  private static DType found(Checkpoint checkpoint) {
    Map<DType, Long> elements = new EnumMap<>(DType.class);
    for (TensorInfo t : checkpoint.tensors().values()) {
      if (KNOWN.contains(t.dtype())) {
        elements.merge(t.dtype(), t.elements(), Long::sum);
      }
    }
    return elements.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(DType.BF16);
  }
}
