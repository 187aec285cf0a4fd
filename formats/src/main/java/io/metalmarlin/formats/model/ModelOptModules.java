package io.metalmarlin.formats.model;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.floating.Fp8Layout;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.integer.ModelOptInt4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;

/// Which of ModelOpt's layouts a module has. A quantized module keeps the name `weight`: its type
/// and the scales beside it tell. What `quant_algo` or `quantized_layers` say is not asked.
final class ModelOptModules {
  private final ModelConfig config;
  private final Checkpoint checkpoint;

  ModelOptModules(ModelConfig config, Checkpoint checkpoint) {
    this.config = config;
    this.checkpoint = checkpoint;
  }

  /// @return empty for a module that is not packed
  /// @throws MarlinException `REFUSED_FORMAT`, `TENSOR_MISSING`, `TENSOR_MISMATCH`
  Optional<StoredMatrix> find(String stem) {
    if (Tensors.has(checkpoint, stem + ".weight_scale_2")) {
      Tensors.require(checkpoint, stem + ".weight_scale");
    }
    if (!Tensors.has(checkpoint, stem + ".weight_scale")) {
      return Optional.empty();
    }
    TensorInfo weight = Tensors.require(checkpoint, stem + ".weight");
    if (Tensors.has(checkpoint, stem + ".svdquant_lora_a")) {
      throw refused(stem, algorithm() + " with svdquant_lora_a");
    }
    return switch (weight.dtype()) {
      case U8 -> Optional.of(nibbles(stem, weight));
      case F8_E4M3 -> Optional.of(float8(stem));
      default -> throw refused(stem, algorithm() + ", weights of type " + weight.dtype());
    };
  }

  private StoredMatrix float8(String stem) {
    if (Tensors.is(checkpoint, stem + ".weight_scale", DType.U8)) {
      int[] size = Tensors.matrix(checkpoint, stem + ".weight");
      return new StoredMatrix(MxPacking.MXFP8, size[0], size[1]);
    }
    return Fp8Modules.find(checkpoint, stem, Fp8Layout.MODELOPT, List.of(Fp8Modules.BLOCK));
  }

  private StoredMatrix nibbles(String stem, TensorInfo weight) {
    if (Tensors.is(checkpoint, stem + ".weight_scale", DType.F8_E4M3)) {
      return nvfp4(stem, weight);
    }
    DType scales = checkpoint.tensors().get(stem + ".weight_scale").dtype();
    boolean floats = scales == DType.F32 || scales == DType.BF16 || scales == DType.F16;
    if (!floats || Tensors.has(checkpoint, stem + ".weight_scale_2")) {
      throw refused(stem, "%s, bytes with scales of type %s".formatted(algorithm(), scales));
    }
    return int4(stem);
  }

  private StoredMatrix nvfp4(String stem, TensorInfo weight) {
    // A swizzled export pads rows to 128 and groups to 4, and orders the scales for one kernel.
    List<Long> scales = checkpoint.tensors().get(stem + ".weight_scale").shape();
    boolean linear =
        weight.shape().size() == 2
            && scales.equals(List.of(weight.shape().get(0), weight.shape().get(1) / 8));
    if (!linear) {
      throw refused(
          stem,
          "NVFP4 with padded or swizzled scales %s for %s codes".formatted(scales, weight.shape()));
    }
    int[] size = Tensors.matrix(checkpoint, stem + ".weight");
    return new StoredMatrix(ModelOptNvfp4.INSTANCE, size[0], 2 * size[1]);
  }

  /// Two rows to a byte, as many columns as bytes.
  private StoredMatrix int4(String stem) {
    int[] size = Tensors.matrix(checkpoint, stem + ".weight");
    String name = stem + ".weight_scale";
    List<Long> scales = Tensors.require(checkpoint, name).shape();
    boolean sound =
        scales.size() == 2
            && scales.get(0) == 2L * size[0]
            && scales.get(1) >= 1
            && size[1] % scales.get(1) == 0;
    if (!sound) {
      throw Tensors.mismatch(
          checkpoint,
          name,
          "has shape %s; %d rows of %d columns have whole groups of columns"
              .formatted(scales, 2 * size[0], size[1]));
    }
    int group = (int) (size[1] / scales.get(1));
    IntScheme scheme = new IntScheme(4, group, Tensors.scaleType(checkpoint, name), Zero.NONE);
    return new StoredMatrix(new ModelOptInt4(scheme), 2 * size[0], size[1]);
  }

  private String algorithm() {
    QuantizationConfig q = QuantizationConfig.of(config);
    return q.text("quant_algo")
        .or(() -> q.modelOpt().map(m -> m.path("quant_algo").asString("")))
        .filter(a -> !a.isEmpty())
        .orElse("(no quant_algo)");
  }

  private MarlinException refused(String stem, String layout) {
    return QuantizationConfig.refused(
        config.file().toString(), stem + " is stored by ModelOpt's " + layout);
  }
}
