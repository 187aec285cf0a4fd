package io.metalmarlin.formats.model;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.floating.Fp8Layout;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;
import java.util.Optional;

/// Which of compressed-tensors' formats a module has, by the names, types and shapes of its planes.
final class CompressedTensorsModules {
  /// Planes of formats that are known and not read: 2:4 and unstructured sparsity.
  private static final List<String> SPARSE = List.of(".compressed", ".bitmask");

  private final CompressedTensorsConfig config;
  private final Checkpoint checkpoint;
  private final CompressedTensorsIntegers integers;

  CompressedTensorsModules(ModelConfig config, Checkpoint checkpoint) {
    this.config = CompressedTensorsConfig.of(config);
    this.checkpoint = checkpoint;
    this.integers = new CompressedTensorsIntegers(this.config, checkpoint);
  }

  /// @return empty for a module that is not packed
  /// @throws MarlinException `REFUSED_FORMAT`, `TENSOR_MISSING`, `TENSOR_MISMATCH`
  Optional<StoredMatrix> find(String stem) {
    for (String plane : SPARSE) {
      if (Tensors.has(checkpoint, stem + plane)) {
        throw refused(stem, "has " + plane.substring(1) + ", sparse-24-bitmask or sparse-bitmask");
      }
    }
    boolean packed = Tensors.has(checkpoint, stem + ".weight_packed");
    boolean scaled = Tensors.has(checkpoint, stem + ".weight_scale");
    if (packed) {
      return Optional.of(packed(stem));
    }
    if (Tensors.has(checkpoint, stem + ".weight_shape")
        || Tensors.has(checkpoint, stem + ".weight_global_scale")) {
      Tensors.require(checkpoint, stem + ".weight_packed");
    }
    if (!scaled) {
      return Optional.empty();
    }
    return switch (Tensors.require(checkpoint, stem + ".weight").dtype()) {
      case F8_E4M3 -> Optional.of(float8(stem));
      case I8 -> Optional.of(integers.unpacked(stem));
      default -> throw refused(stem, "has weight_scale beside weights of a plain type");
    };
  }

  private StoredMatrix packed(String stem) {
    if (Tensors.is(checkpoint, stem + ".weight_packed", DType.I32)) {
      return integers.packed(stem);
    }
    if (Tensors.is(checkpoint, stem + ".weight_packed", DType.U8)) {
      Tensors.require(checkpoint, stem + ".weight_scale");
      if (Tensors.is(checkpoint, stem + ".weight_scale", DType.F8_E4M3)) {
        return nibbles(stem, CompressedTensorsNvfp4.INSTANCE);
      }
      if (Tensors.is(checkpoint, stem + ".weight_scale", DType.U8)) {
        return nibbles(stem, MxPacking.MXFP4);
      }
    }
    throw refused(
        stem,
        "has weight_packed of type %s and weight_scale of type %s"
            .formatted(type(stem + ".weight_packed"), type(stem + ".weight_scale")));
  }

  private StoredMatrix nibbles(String stem, GroupPacking packing) {
    int[] size = Tensors.matrix(checkpoint, stem + ".weight_packed");
    return new StoredMatrix(packing, size[0], 2 * size[1]);
  }

  private StoredMatrix float8(String stem) {
    if (Tensors.has(checkpoint, stem + ".weight_zero_point")) {
      throw refused(stem, "has weight_zero_point beside FP8 weights");
    }
    if (Tensors.is(checkpoint, stem + ".weight_scale", DType.U8)) {
      int[] size = Tensors.matrix(checkpoint, stem + ".weight");
      return new StoredMatrix(MxPacking.MXFP8, size[0], size[1]);
    }
    return Fp8Modules.find(checkpoint, stem, Fp8Layout.COMPRESSED_TENSORS, config.blocks());
  }

  private String type(String tensor) {
    return Tensors.has(checkpoint, tensor)
        ? checkpoint.tensors().get(tensor).dtype().name()
        : "(missing)";
  }

  private MarlinException refused(String stem, String what) {
    return QuantizationConfig.refused(
        config.config().file().toString(),
        "%s %s (compressed-tensors format %s)".formatted(stem, what, config.format()));
  }
}
