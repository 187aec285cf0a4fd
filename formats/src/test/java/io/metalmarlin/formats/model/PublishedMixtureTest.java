package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Mixtures as transformers has them in memory are read as published ones.
class PublishedMixtureTest {
  private static final String LAYER = "model.layers.0.";

  @TempDir Path folder;

  private final Map<String, long[]> shapes = new LinkedHashMap<>();

  /// A model whose every element is its number in the tensor.
  private OpenModel open(String config) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    List<TensorInfo> infos =
        shapes.entrySet().stream()
            .map(e -> TensorInfo.of(e.getKey(), DType.F32, e.getValue()))
            .toList();
    try (CheckpointWriter w =
        Safetensors.INSTANCE.create(folder, infos, Map.of("format", "pt"), 1L << 30)) {
      infos.forEach(t -> w.write(t.name(), 0, MemorySegment.ofArray(counted(t))));
      w.commit();
    }
    return OpenModel.open(folder);
  }

  private static float[] counted(TensorInfo t) {
    float[] values = new float[(int) t.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return values;
  }

  private static float[] values(OpenModel model, String name) {
    return model.checkpoint().bytes(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Test
  void experts_of_mixtral_are_single_ones_of_its_own_names() throws IOException {
    shapes.put(LAYER + "mlp.gate.weight", new long[] {2, 3});
    shapes.put(LAYER + "mlp.experts.gate_up_proj", new long[] {2, 4, 3});
    shapes.put(LAYER + "mlp.experts.down_proj", new long[] {2, 3, 2});
    try (OpenModel model = open("{\"model_type\":\"mixtral\",\"hidden_size\":3}")) {
      String experts = LAYER + "block_sparse_moe.experts.";
      assertThat(model.checkpoint().tensors())
          .containsOnlyKeys(
              LAYER + "block_sparse_moe.gate.weight",
              experts + "0.w1.weight",
              experts + "0.w3.weight",
              experts + "1.w1.weight",
              experts + "1.w3.weight",
              experts + "0.w2.weight",
              experts + "1.w2.weight");
      assertThat(values(model, experts + "1.w3.weight")).containsExactly(18, 19, 20, 21, 22, 23);
      assertThat(values(model, experts + "1.w2.weight")).containsExactly(6, 7, 8, 9, 10, 11);
    }
  }

  @Test
  void stacks_of_granite_have_its_own_names() throws IOException {
    String mixture = LAYER + "block_sparse_moe.";
    shapes.put(mixture + "router.weight", new long[] {2, 3});
    shapes.put(mixture + "experts.gate_up_proj", new long[] {2, 4, 3});
    shapes.put(mixture + "experts.down_proj", new long[] {2, 3, 2});
    try (OpenModel model = open("{\"model_type\":\"granitemoe\",\"hidden_size\":3}")) {
      assertThat(model.checkpoint().tensors())
          .containsOnlyKeys(
              mixture + "router.layer.weight",
              mixture + "input_linear.weight",
              mixture + "output_linear.weight");
    }
  }

  @Test
  void transposed_stacks_of_qwen3_vl_are_single_experts() throws IOException {
    shapes.put(LAYER + "mlp.experts.gate_up_proj", new long[] {2, 3, 4});
    shapes.put(LAYER + "mlp.experts.down_proj", new long[] {2, 2, 3});
    String text = "{\"model_type\":\"qwen3_vl_moe_text\",\"hidden_size\":3}";
    try (OpenModel model =
        open("{\"model_type\":\"qwen3_vl_moe\",\"text_config\":%s}".formatted(text))) {
      String experts = LAYER + "mlp.experts.";
      TensorInfo up = model.checkpoint().tensors().get(experts + "1.up_proj.weight");
      assertThat(up.shape()).containsExactly(2L, 3L);
      assertThat(values(model, up.name())).containsExactly(14, 18, 22, 15, 19, 23);
      assertThat(values(model, experts + "0.gate_proj.weight")).containsExactly(0, 4, 8, 1, 5, 9);
      assertThat(values(model, experts + "1.down_proj.weight")).containsExactly(6, 9, 7, 10, 8, 11);
    }
  }

  @Test
  void published_checkpoints_stay_as_they_are() throws IOException {
    shapes.put(LAYER + "block_sparse_moe.experts.0.w1.weight", new long[] {2, 3});
    try (OpenModel model = open("{\"model_type\":\"mixtral\",\"hidden_size\":3}")) {
      assertThat(model.checkpoint()).isNotInstanceOf(MadeView.class);
    }
  }
}
