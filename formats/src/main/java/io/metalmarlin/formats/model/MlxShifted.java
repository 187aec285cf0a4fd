package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.regex.Pattern;

/// Tensors that mlx-lm's converter changes for Qwen3-Next (`models/qwen3_next.py`): norms have the
/// one that the model adds in them already, convolutions their channels last. The norms are taken
/// back in FP32, which is exact; adding the one was not.
///
/// @param shift what is added to every element
record MlxShifted(TensorInfo info, TensorInfo stored, float shift) implements MadeView.Made {
  static final String FAMILY = "qwen3_next";

  private static final Pattern NORM =
      Pattern.compile(".*\\.(input_layernorm|post_attention_layernorm|q_norm|k_norm)|model\\.norm");

  /// The module's tensor as Hugging Face has it; empty where that is how it is stored.
  static List<MadeView.Made> find(ModelConfig config, Checkpoint file, String stem) {
    TensorInfo t = file.tensors().get(stem + ".weight");
    boolean family = t != null && config.text("model_type").filter(FAMILY::equals).isPresent();
    if (!family || !Floats.supports(t.dtype())) {
      return List.of();
    }
    List<Long> shape = t.shape();
    if (NORM.matcher(stem).matches() && shape.size() == 1) {
      return List.of(new MlxShifted(new TensorInfo(t.name(), DType.F32, shape), t, -1));
    }
    if (stem.endsWith(".conv1d") && shape.size() == 3 && shape.get(2) == 1) {
      List<Long> turned = List.of(shape.get(0), 1L, shape.get(1));
      return List.of(new MlxShifted(new TensorInfo(t.name(), t.dtype(), turned), t, 0));
    }
    return List.of();
  }

  @Override
  public List<String> sources() {
    return List.of(stored.name());
  }

  @Override
  public MemorySegment bytes(Checkpoint file) {
    MemorySegment bytes = file.bytes(stored.name());
    if (shift == 0) {
      return bytes;
    }
    float[] values = new float[Math.toIntExact(stored.elements())];
    Floats.widen(stored.dtype(), bytes, 0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] += shift;
    }
    return MemorySegment.ofArray(values).asReadOnly();
  }
}
