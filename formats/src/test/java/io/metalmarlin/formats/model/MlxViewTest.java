package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What MLX stores in its own shapes is read as Hugging Face has it.
class MlxViewTest {
  private static final String A = "model.layers.0.self_attn.";
  private static final int HEADS = 2;
  private static final int LATENT = 32;
  private static final int KEYS = 64;
  private static final int VALUES = 3;

  @TempDir Path folder;

  private final Map<String, TensorInfo> infos = new LinkedHashMap<>();
  private final Map<String, MemorySegment> content = new LinkedHashMap<>();
  private String type = "deepseek_v3";
  private final Random random = new Random(5);

  private void put(String name, DType dtype, MemorySegment bytes, long... shape) {
    infos.put(name, TensorInfo.of(name, dtype, shape));
    content.put(name, bytes);
  }

  /// Random numbers, F32.
  private float[] floats(String name, long... shape) {
    float[] values = new float[(int) TensorInfo.of(name, DType.F32, shape).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    put(name, DType.F32, MemorySegment.ofArray(values), shape);
    return values;
  }

  /// A packed half with random codes; its values by the definition.
  private float[] packed(String stem, int rows, int cols, int bits, int group) {
    int words = cols * bits / 32;
    int[] codes = random.ints((long) HEADS * rows * words).toArray();
    put(stem + ".weight", DType.U32, MemorySegment.ofArray(codes), HEADS, rows, words);
    float[] scales = floats(stem + ".scales", HEADS, rows, cols / group);
    float[] biases = floats(stem + ".biases", HEADS, rows, cols / group);
    float[] values = new float[HEADS * rows * cols];
    for (int i = 0; i < values.length; i++) {
      int code = codes[i * bits / 32] >>> i * bits % 32 & (1 << bits) - 1;
      values[i] = code * scales[i / group] + biases[i / group];
    }
    return values;
  }

  private OpenModel open() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type":"%s","quantization":{"group_size":32,"bits":4,
          "%sunembed_out":{"group_size":32,"bits":8}}}\
        """
            .formatted(type, A));
    try (CheckpointWriter w =
        Safetensors.INSTANCE.create(
            folder, List.copyOf(infos.values()), Map.of("format", "mlx"), 1L << 30)) {
      content.forEach((name, bytes) -> w.write(name, 0, bytes));
      w.commit();
    }
    return OpenModel.open(folder);
  }

  private void joins(float[] keys, float[] values) throws IOException {
    try (OpenModel model = open()) {
      Checkpoint view = model.checkpoint();
      assertThat(view.tensors()).containsOnlyKeys(A + "kv_b_proj.weight");
      TensorInfo info = view.tensors().get(A + "kv_b_proj.weight");
      assertThat(info.shape()).containsExactly((long) HEADS * (KEYS + VALUES), (long) LATENT);
      assertThat(model.dialect().modules(model.config(), view)).isEmpty();
      float[] joined = view.bytes(info.name()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      for (int h = 0; h < HEADS; h++) {
        for (int i = 0; i < LATENT; i++) {
          int at = h * (KEYS + VALUES) * LATENT + i;
          for (int k = 0; k < KEYS; k++) {
            assertThat(joined[at + k * LATENT]).isEqualTo(keys[(h * LATENT + i) * KEYS + k]);
          }
          for (int v = 0; v < VALUES; v++) {
            assertThat(joined[at + (KEYS + v) * LATENT])
                .isEqualTo(values[(h * VALUES + v) * LATENT + i]);
          }
        }
      }
    }
  }

  @Test
  void packed_halves_of_latent_attention_are_one_matrix() throws IOException {
    joins(
        packed(A + "embed_q", LATENT, KEYS, 4, 32),
        packed(A + "unembed_out", VALUES, LATENT, 8, 32));
  }

  @Test
  void so_are_halves_that_are_not_packed() throws IOException {
    joins(
        floats(A + "embed_q.weight", HEADS, LATENT, KEYS),
        floats(A + "unembed_out.weight", HEADS, VALUES, LATENT));
  }

  @Test
  void halves_that_do_not_fit_are_named() {
    packed(A + "embed_q", LATENT, KEYS, 4, 32);
    fails(ErrorCode.TENSOR_MISSING, "unembed_out.weight");
    floats(A + "unembed_out.weight", HEADS, VALUES, LATENT + 1);
    fails(ErrorCode.TENSOR_MISMATCH, "embed_q.weight", "2 of 3 x 33");
    floats(A + "unembed_out.weight", HEADS * VALUES, LATENT);
    fails(ErrorCode.TENSOR_MISMATCH, "unembed_out.weight", "[heads, out, in]");
    packed(A + "unembed_out", VALUES, LATENT, 8, 32);
    floats(A + "unembed_out.scales", HEADS, VALUES, 2);
    fails(ErrorCode.TENSOR_MISMATCH, "unembed_out.scales");
  }

  private void fails(ErrorCode code, String... words) {
    Failures.fails(code, () -> open().close(), words);
  }

  @Test
  void norms_and_convolutions_of_qwen3_next_are_turned_back() throws IOException {
    String layer = "model.layers.0.";
    String outer = layer + "input_layernorm.weight";
    String inner = layer + "linear_attn.norm.weight";
    float[] norm = floats(outer, 4);
    float[] gated = floats(inner, 4);
    floats(layer + "linear_attn.conv1d.weight", 6, 4, 1);
    type = "qwen3_next";
    try (OpenModel model = open()) {
      Checkpoint view = model.checkpoint();
      assertThat(view.bytes(outer).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)[3])
          .isEqualTo(norm[3] - 1);
      assertThat(view.bytes(inner).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)).isEqualTo(gated);
      assertThat(view.tensors().get(layer + "linear_attn.conv1d.weight").shape())
          .containsExactly(6L, 1L, 4L);
      assertThatThrownBy(() -> model.dialect().requireSidecars(model.config(), folder))
          .hasMessageContaining("qwen3_next");
    }
  }

  @Test
  void experts_that_are_not_packed_are_taken_apart() throws IOException {
    String stack = "model.layers.0.mlp.switch_mlp.down_proj";
    float[] values = floats(stack + ".weight", 3, 4, 5);
    try (OpenModel model = open()) {
      Checkpoint view = model.checkpoint();
      String second = "model.layers.0.mlp.experts.1.down_proj.weight";
      assertThat(view.tensors()).hasSize(3).containsKey(second).doesNotContainKey(stack);
      assertThat(view.tensors().get(second).shape()).containsExactly(4L, 5L);
      assertThat(view.bytes(second).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED))
          .isEqualTo(Arrays.copyOfRange(values, 20, 40));
      assertThat(view.file(second)).isEqualTo(folder.resolve("model.safetensors"));
    }
  }

  @Test
  void experts_of_mixtral_have_numbers_for_names() throws IOException {
    String stack = "model.layers.0.block_sparse_moe.switch_mlp.";
    MlxAffine packing = MlxAffine.of(4, 32, ScaleType.F32);
    for (String projection : List.of("gate_proj", "up_proj", "down_proj")) {
      packed(stack + projection, 4, 32, packing.scheme().codeBits(), 32);
    }
    try (OpenModel model = open()) {
      assertThat(model.dialect().modules(model.config(), model.checkpoint()).keySet())
          .contains("model.layers.0.block_sparse_moe.experts.1.w2")
          .allMatch(m -> m.matches(".*\\.experts\\.[01]\\.w[123]"));
    }
    String expert = "model.layers.0.block_sparse_moe.experts.1.";
    assertThat(MlxNames.of(expert + "w1")).isEqualTo(stack + "gate_proj");
    assertThat(MlxNames.of(expert + "w3.scales")).isEqualTo(stack + "up_proj.scales");
  }
}
