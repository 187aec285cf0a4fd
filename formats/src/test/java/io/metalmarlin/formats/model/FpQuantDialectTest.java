package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.model.Failures.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.number.BF16;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// FP-Quant and gpt-oss tensors made by hand, against decoders written from the formats' tables.
class FpQuantDialectTest {
  private static final double[] E2M1 = {
    0, .5, 1, 1.5, 2, 3, 4, 6, 0, -.5, -1, -1.5, -2, -3, -4, -6
  };
  private static final String M = "model.layers.0.mlp.down_proj";
  private static final int ROWS = 4;
  private static final int COLS = 128;

  @TempDir Path folder;

  private final Map<TensorInfo, byte[]> tensors = new LinkedHashMap<>();

  private void tensor(String name, DType dtype, byte[] bytes, long... shape) {
    tensors.put(TensorInfo.of(name, dtype, shape), bytes);
  }

  private static byte[] random(int count, long seed, int low, int high) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) random.nextInt(low, high);
    }
    return bytes;
  }

  private static byte[] fp32(float value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();
  }

  private static byte[] bf16(float[] values) {
    ByteBuffer out = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      out.putShort(BF16.nearest(v));
    }
    return out.array();
  }

  /// By the recursion H(2n) = [[H, H], [H, -H]].
  private static float[] sylvester(int size) {
    float[][] h = {{1}};
    while (h.length < size) {
      int n = h.length;
      float[][] next = new float[2 * n][2 * n];
      for (int i = 0; i < 2 * n; i++) {
        for (int j = 0; j < 2 * n; j++) {
          next[i][j] = (i >= n && j >= n ? -1 : 1) * h[i % n][j % n];
        }
      }
      h = next;
    }
    float[] out = new float[size * size];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (h[i / size][i % size] / Math.sqrt(size));
    }
    return out;
  }

  private void fpQuant(int group, byte[] scales, float globalScale, float[] hadamard) {
    int size = (int) Math.sqrt(hadamard.length);
    tensor(M + ".qweight", DType.U8, random(ROWS * COLS / 2, 1, 0, 256), ROWS, COLS / 2);
    tensor(M + ".scales", DType.U8, scales, ROWS, COLS / group);
    tensor(M + ".weight_global_scale", DType.F32, fp32(globalScale), 1);
    tensor(M + ".act_global_scale", DType.F32, fp32(1), 1);
    tensor(M + ".forward_hadamard_matrix", DType.BF16, bf16(hadamard), size, size);
    tensor("model.norm.weight", DType.BF16, new byte[2], 1);
  }

  private Checkpoint save(String quantization) throws IOException {
    Files.writeString(
        folder.resolve("config.json"), "{\"quantization_config\":{" + quantization + "}}");
    List<TensorInfo> infos = new ArrayList<>(tensors.keySet());
    try (CheckpointWriter writer =
        Safetensors.INSTANCE.create(folder, infos, Map.of(), Long.MAX_VALUE)) {
      tensors.forEach((t, bytes) -> writer.write(t.name(), 0, MemorySegment.ofArray(bytes)));
      writer.commit();
    }
    return Containers.open(folder);
  }

  private Map<String, PackedModule> modules(Checkpoint checkpoint) {
    ModelConfig config = ModelConfigs.read(folder);
    return Dialects.of(config, checkpoint).modules(config, checkpoint);
  }

  private byte[] bytes(String name) {
    return tensors.entrySet().stream()
        .filter(e -> e.getKey().name().equals(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static int nibble(byte[] bytes, int index) {
    return bytes[index / 2] >> 4 * (index % 2) & 15;
  }

  private static String config(String dtype, int hadamard) {
    return "\"quant_method\":\"fp_quant\",\"forward_dtype\":\"%s\",\"hadamard_group_size\":%d"
        .formatted(dtype, hadamard);
  }

  @Test
  void nvfp4_is_code_times_scale_over_the_global_scale_in_the_rotated_basis() throws IOException {
    byte[] scales = random(ROWS * COLS / 16, 2, 1, 0x7f);
    fpQuant(16, scales, 811.5f, sylvester(32));
    float[] ours = new float[ROWS * COLS];
    try (Checkpoint c = save(config("nvfp4", 32))) {
      Map<String, PackedModule> modules = modules(c);
      assertThat(modules).containsOnlyKeys(M);
      assertThat(modules.get(M).transform()).contains(new InputTransform(32));
      modules.get(M).matrix(c).decode(0, ROWS, ours);
    }
    for (int i = 0; i < ours.length; i++) {
      int s = scales[i / 16];
      double scale = s < 8 ? s / 512.0 : (8 + s % 8) / 8.0 * Math.pow(2, (s >> 3) - 7);
      double want = E2M1[nibble(bytes(M + ".qweight"), i)] * scale / 811.5f;
      assertThat((double) ours[i]).isCloseTo(want, offset(want));
    }
  }

  @Test
  void mxfp4_is_divided_by_the_global_scale_of_3() throws IOException {
    byte[] scales = random(ROWS * COLS / 32, 3, 110, 128);
    fpQuant(32, scales, 3f, sylvester(128));
    float[] ours = new float[ROWS * COLS];
    try (Checkpoint c = save(config("mxfp4", 128))) {
      assertThat(modules(c).get(M).transform()).contains(new InputTransform(128));
      modules(c).get(M).matrix(c).decode(0, ROWS, ours);
    }
    for (int i = 0; i < ours.length; i++) {
      double want = E2M1[nibble(bytes(M + ".qweight"), i)] * Math.pow(2, scales[i / 32] - 127) / 3;
      assertThat((double) ours[i]).isCloseTo(want, offset(want));
    }
  }

  /// Two roundings to fp32.
  private static org.assertj.core.data.Offset<Double> offset(double want) {
    return org.assertj.core.data.Offset.offset(Math.abs(want) * 0x1p-23);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x7e, 0x7f})
  void a_group_of_zeros_is_zero_whatever_its_scale(int scale) throws IOException {
    byte[] scales = new byte[ROWS * COLS / 16];
    java.util.Arrays.fill(scales, (byte) scale);
    fpQuant(16, scales, 100f, sylvester(16));
    java.util.Arrays.fill(bytes(M + ".qweight"), (byte) 0x88);
    float[] ours = new float[ROWS * COLS];
    try (Checkpoint c = save(config("nvfp4", 16))) {
      modules(c).get(M).matrix(c).decode(0, ROWS, ours);
    }
    for (float v : ours) {
      assertThat(v + 0f).isEqualTo(0f);
    }
  }

  @Test
  void a_nan_scale_over_other_codes_is_refused() throws IOException {
    byte[] scales = new byte[ROWS * COLS / 16];
    scales[3] = 0x7f;
    fpQuant(16, scales, 100f, sylvester(16));
    try (Checkpoint c = save(config("nvfp4", 16))) {
      fails(
          ErrorCode.NON_FINITE,
          () -> modules(c).get(M).matrix(c).decode(0, ROWS, new float[ROWS * COLS]),
          "0x7f");
    }
  }

  @Test
  void the_identity_is_no_transform_and_other_matrices_are_refused_by_name() throws IOException {
    float[] identity = new float[16 * 16];
    for (int i = 0; i < 16; i++) {
      identity[17 * i] = 1;
    }
    fpQuant(16, new byte[ROWS * COLS / 16], 100f, identity);
    try (Checkpoint c = save(config("nvfp4", 16))) {
      assertThat(modules(c).get(M).transform()).isEmpty();
    }
    float[] unnormalised = sylvester(16);
    for (int i = 0; i < unnormalised.length; i++) {
      unnormalised[i] *= 4;
    }
    float[] permuted = sylvester(16);
    for (int i = 0; i < 16; i++) {
      permuted[16 + i] = sylvester(16)[32 + i];
      permuted[32 + i] = sylvester(16)[16 + i];
    }
    for (float[] other : List.of(unnormalised, permuted)) {
      tensors.clear();
      fpQuant(16, new byte[ROWS * COLS / 16], 100f, other);
      try (Checkpoint c = save(config("nvfp4", 16))) {
        fails(ErrorCode.REFUSED_FORMAT, () -> modules(c), "Sylvester", M);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"forward_dtype\":\"mxfp8\" | REFUSED_FORMAT | mxfp8",
        "\"forward_dtype\":\"nvfp4\",\"pseudoquantization\":true | REFUSED_FORMAT | pseudo",
        "\"forward_dtype\":\"nvfp4\",\"hadamard_group_size\":32 | TENSOR_MISMATCH | [16, 16]",
        "\"forward_dtype\":\"nvfp4\",\"hadamard_group_size\":\"x\" | CONFIG_MALFORMED | whole",
        "\"x\":1 | CONFIG_MALFORMED | forward_dtype",
      })
  void other_configurations_are_refused_by_name(String more, ErrorCode code, String word)
      throws IOException {
    fpQuant(16, new byte[ROWS * COLS / 16], 100f, sylvester(16));
    try (Checkpoint c = save("\"quant_method\":\"fp_quant\"," + more)) {
      fails(code, () -> modules(c), word);
    }
  }

  @Test
  void a_tensor_scale_that_is_not_positive_is_refused() throws IOException {
    fpQuant(32, new byte[ROWS * COLS / 32], 0f, sylvester(16));
    try (Checkpoint c = save(config("mxfp4", 16))) {
      fails(ErrorCode.NON_FINITE, () -> modules(c).get(M).matrix(c), "0.0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"quant_method\":\"mxfp4\",\"modules_to_not_convert\":[]", ""})
  void experts_of_gpt_oss_are_presented_one_by_one(String quantization) throws IOException {
    String experts = "model.layers.0.mlp.experts";
    int rows = 6;
    byte[] blocks = random(2 * rows * COLS / 2, 5, 0, 256);
    byte[] scales = random(2 * rows * COLS / 32, 6, 100, 128);
    tensor(experts + ".gate_up_proj_blocks", DType.U8, blocks, 2, rows, COLS / 32, 16);
    tensor(experts + ".gate_up_proj_scales", DType.U8, scales, 2, rows, COLS / 32);
    tensor(experts + ".gate_up_proj_bias", DType.BF16, new byte[4 * rows], 2, rows);
    try (Checkpoint c = save(quantization)) {
      Map<String, PackedModule> modules = modules(c);
      assertThat(modules)
          .containsOnlyKeys(experts + ".0.gate_up_proj", experts + ".1.gate_up_proj");
      float[] ours = new float[rows * COLS];
      modules.get(experts + ".1.gate_up_proj").matrix(c).decode(0, rows, ours);
      for (int i = 0; i < ours.length; i++) {
        int at = rows * COLS + i;
        assertThat((double) ours[i])
            .isEqualTo(E2M1[nibble(blocks, at)] * Math.pow(2, scales[at / 32] - 127) + 0.0);
      }
    }
  }

  @Test
  void blocks_of_gpt_oss_that_do_not_fit_are_refused() throws IOException {
    String experts = "model.layers.0.mlp.experts";
    ModelConfig config = ModelConfigs.read(write("\"quant_method\":\"mxfp4\""));
    Dialect dialect = Dialects.named("gpt-oss");
    FakeCheckpoint c =
        new FakeCheckpoint().with(experts + ".down_proj_blocks", DType.U8, 2, 4, 3, 8);
    fails(ErrorCode.TENSOR_MISMATCH, () -> dialect.modules(config, c), "[2, 4, 3, 8]");
    c.with(experts + ".down_proj_blocks", DType.U8, 2, 4, 3, 16);
    fails(ErrorCode.TENSOR_MISSING, () -> dialect.modules(config, c), "down_proj_scales");
    c.with(experts + ".down_proj_scales", DType.U8, 2, 4, 2);
    fails(ErrorCode.TENSOR_MISMATCH, () -> dialect.modules(config, c), "down_proj_scales");
  }

  private Path write(String quantization) throws IOException {
    Files.writeString(
        folder.resolve("config.json"), "{\"quantization_config\":{" + quantization + "}}");
    return folder;
  }
}
