package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The view against the Hugging Face checkpoints that the files were made from.
class GgufViewTest {
  @ParameterizedTest
  @ValueSource(strings = {"f32", "f16", "bf16"})
  void a_llama_file_shows_the_tensors_of_its_safetensors_file(String type) {
    try (GgufModel model =
            GgufModel.open(Shared.path("models/stories260K/stories260K-" + type + ".gguf"));
        Checkpoint theirs =
            Containers.open(Shared.path("models/stories260K/model." + type + ".safetensors"))) {
      assertThat(new TreeSet<>(model.view().tensors().keySet()))
          .isEqualTo(new TreeSet<>(theirs.tensors().keySet()));
      int compared = 0;
      for (TensorInfo t : theirs.tensors().values()) {
        TensorInfo ours = model.view().tensors().get(t.name());
        assertThat(ours.shape()).as(t.name()).isEqualTo(t.shape());
        if (ours.dtype() == t.dtype()) {
          assertThat(model.view().bytes(t.name()).mismatch(theirs.bytes(t.name())))
              .as(t.name())
              .isEqualTo(-1);
          compared++;
        } else {
          assertThat(ours.dtype()).as(t.name()).isEqualTo(DType.F32);
          assertThat(t.shape()).as(t.name()).hasSize(1);
        }
      }
      assertThat(compared).isGreaterThanOrEqualTo(36);
    }
  }

  @Test
  void a_quantized_file_has_the_names_and_shapes_of_its_base() {
    try (GgufModel model = GgufModel.open(Shared.path("packs/gguf/Q4_0"));
        Checkpoint base = Containers.open(Shared.path("packs/base/qwen3-2l"))) {
      assertThat(shapes(model.view())).isEqualTo(shapes(base));
      String up = "model.layers.1.mlp.up_proj.weight";
      assertThat(model.view().tensors().get(up).dtype()).isEqualTo(DType.Q4_0);
      assertThat(model.view().source(up)).isEqualTo("blk.1.ffn_up.weight");
    }
  }

  @Test
  void stacked_experts_are_shown_one_by_one() {
    try (GgufModel model = GgufModel.open(Shared.path("packs/gguf/moe-Q4_K_M"))) {
      GgufView view = model.view();
      GgufCheckpoint file = view.gguf();
      long size = file.tensors().get("blk.1.ffn_down_exps.weight").byteSize() / 16;
      for (int expert : List.of(0, 7, 15)) {
        String name = "model.layers.1.mlp.experts." + expert + ".down_proj.weight";
        assertThat(view.tensors().get(name).shape()).containsExactly(256L, 256L);
        assertThat(
                view.bytes(name)
                    .mismatch(
                        file.bytes("blk.1.ffn_down_exps.weight").asSlice(expert * size, size)))
            .isEqualTo(-1);
      }
      assertThat(view.tensors()).containsKey("model.layers.0.mlp.gate.weight");
      assertThat(view.tensors().keySet()).noneMatch(n -> n.startsWith("blk."));
    }
  }

  @Test
  void tensor_scales_beside_NVFP4_have_a_name_of_the_module() {
    try (GgufModel model = GgufModel.open(Shared.path("packs/gguf/NVFP4-from-ct"))) {
      String module = "model.layers.0.mlp.down_proj";
      assertThat(model.view().tensors().get(module + ".weight").dtype()).isEqualTo(DType.NVFP4);
      TensorInfo scale = model.view().tensors().get(module + ".weight_scale_2");
      assertThat(scale.dtype()).isEqualTo(DType.F32);
      assertThat(scale.elements()).isEqualTo(1);
      assertThat(model.view().source(scale.name())).isEqualTo("blk.0.ffn_down.scale");
    }
  }

  private static Map<String, List<Long>> shapes(Checkpoint c) {
    Map<String, List<Long>> out = new java.util.TreeMap<>();
    c.tensors().values().forEach(t -> out.put(t.name(), t.shape()));
    return out;
  }
}
