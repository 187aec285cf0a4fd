package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A checkpoint of MLX with the tensors that MLX keeps in another shape as Hugging Face has them:
/// stacks of experts that are not packed, one by one, the halves of DeepSeek's `kv_b_proj`
/// ([MlxLatent]) as one matrix, Qwen3-Next's norms and convolutions ([MlxShifted]). All others,
/// packed stacks among them, are those of the files.
final class MlxView {
  private MlxView() {}

  /// The checkpoint itself where nothing is shaped in MLX's own way.
  static Checkpoint of(ModelConfig config, Checkpoint file) {
    MlxConfig mlx = MlxConfig.of(config).orElseThrow();
    SequencedMap<String, List<MadeView.Made>> views = new LinkedHashMap<>();
    for (String stem : Tensors.stems(file)) {
      List<MadeView.Made> parts = new ArrayList<>(MlxLatent.find(mlx, file, stem));
      parts.addAll(experts(file, stem));
      parts.addAll(MlxShifted.find(config, file, stem));
      for (MadeView.Made part : parts) {
        for (String source : part.sources()) {
          views.computeIfAbsent(source, s -> new ArrayList<>());
        }
        views.get(part.sources().getFirst()).add(part);
      }
    }
    return MadeView.of(file, views);
  }

  private static List<MadeView.Made> experts(Checkpoint file, String stem) {
    TensorInfo stack = file.tensors().get(stem + ".weight");
    boolean plain =
        MlxNames.isStacked(stem) && stack != null && !Tensors.has(file, stem + ".scales");
    if (!plain || stack.shape().size() != 3 || stack.shape().getFirst() > 1 << 16) {
      return List.of();
    }
    List<MadeView.Made> experts = new ArrayList<>();
    for (int e = 0; e < stack.shape().getFirst(); e++) {
      String name = MlxNames.expert(stem, e) + ".weight";
      List<Long> shape = stack.shape().subList(1, 3);
      experts.add(one(new TensorInfo(name, stack.dtype(), shape), stack.name(), e));
    }
    return experts;
  }

  private static MadeView.Made one(TensorInfo info, String stack, int expert) {
    return new MadeView.Slice(info, stack, expert * info.byteSize());
  }
}
