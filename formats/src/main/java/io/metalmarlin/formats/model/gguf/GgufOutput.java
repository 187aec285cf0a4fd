package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A GGUF file planned from Hugging Face tensors: what is stored, and where each source tensor
/// goes.
///
/// @param tensors of the file, in its order
/// @param pieces where a source tensor goes; two places for one that is split, none for one that
///   the file leaves out
/// @param constants tensors that come from the configuration
record GgufOutput(
    List<TensorInfo> tensors, Map<String, List<Piece>> pieces, Map<String, float[]> constants) {
  /// One source tensor's place.
  ///
  /// @param target what is stored
  /// @param source as it is written
  /// @param stored in the file
  /// @param index of the source among those that the target stacks
  record Piece(GgufTarget target, TensorInfo source, TensorInfo stored, int index) {}

  private static final String WEIGHT = ".weight";
  private static final List<String> SCALES = List.of(".weight_scale_2", ".input_scale");

  /// @param tensors under Hugging Face names, block types included; `MODULE.weight_scale_2` is the
  ///   tensor scale of an NVFP4 tensor
  /// @throws MarlinException `TARGET_CANNOT`, `TENSOR_MISSING`, `UNSUPPORTED_MODEL`
  static GgufOutput of(ModelConfig config, Collection<TensorInfo> tensors) {
    Map<String, TensorInfo> byName = new LinkedHashMap<>();
    tensors.forEach(t -> byName.put(t.name(), t));
    List<TensorInfo> weights =
        tensors.stream().filter(t -> SCALES.stream().noneMatch(t.name()::endsWith)).toList();
    GgufLayout layout = GgufLayout.of(config, weights);
    GgufOutput out = new GgufOutput(new ArrayList<>(), new HashMap<>(), new HashMap<>());
    tensors.forEach(t -> out.pieces.put(t.name(), new ArrayList<>()));
    for (GgufTarget target : layout.targets()) {
      out.add(target, byName);
      if (target.name().endsWith(WEIGHT)) {
        SCALES.forEach(suffix -> out.addScales(target, suffix, byName));
      }
    }
    return out;
  }

  private void add(GgufTarget target, Map<String, TensorInfo> byName) {
    DType type = target.f32() ? DType.F32 : byName.get(target.sources().getFirst()).dtype();
    TensorInfo stored = target.info(type);
    tensors.add(stored);
    target.constant().ifPresent(c -> constants.put(target.name(), c));
    for (int i = 0; i < target.sources().size(); i++) {
      TensorInfo source = byName.get(target.sources().get(i));
      boolean changes = target.f32() || target.plusOne() || !target.move().wholeRows();
      if (source.dtype().isBlock() && changes || !target.f32() && source.dtype() != type) {
        throw new MarlinException(
            ErrorCode.TARGET_CANNOT,
            source.name(),
            "of type %s cannot become part of %s in a GGUF file"
                .formatted(source.dtype(), target.name()),
            "Keep the module in a floating-point type with --ignore, or --dequantize.");
      }
      pieces.get(source.name()).add(new Piece(target, source, stored, i));
    }
  }

  /// The scales beside a tensor, `STEM.scale`: one number for each matrix that it stacks.
  private void addScales(GgufTarget target, String suffix, Map<String, TensorInfo> byName) {
    List<String> names =
        target.sources().stream()
            .map(s -> s.substring(0, s.length() - WEIGHT.length()) + suffix)
            .filter(byName::containsKey)
            .toList();
    if (names.isEmpty()) {
      return;
    }
    String name =
        suffix.equals(SCALES.getFirst())
            ? target.scaleName()
            : target.scaleName().replaceFirst("scale$", "input_scale");
    TensorInfo stored = TensorInfo.of(name, DType.F32, target.sources().size());
    tensors.add(stored);
    for (int i = 0; i < names.size(); i++) {
      pieces.get(names.get(i)).add(new Piece(target, byName.get(names.get(i)), stored, i));
    }
  }
}
