package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is read from planes alone, and what planes and configurations that cannot be say.
class StoredLayoutTest {
  private static final String M = "model.layers.0.mlp.up_proj";

  @TempDir Path folder;

  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private StoredLayoutTest with(String suffix, DType dtype, long... shape) {
    tensors.put(suffix, TensorInfo.of(M + "." + suffix, dtype, shape));
    return this;
  }

  /// @param plane type and shape, `BF16 64 4`
  private StoredLayoutTest withPlane(String suffix, String plane) {
    String[] parts = plane.split(" ");
    long[] shape = Arrays.stream(parts).skip(1).mapToLong(Long::parseLong).toArray();
    return with(suffix, DType.valueOf(parts[0]), shape);
  }

  /// 64 x 128 in groups of 32, `bits` each.
  private StoredLayoutTest packed(int words) {
    return with("weight_packed", DType.I32, 64, words)
        .with("weight_scale", DType.BF16, 64, 4)
        .with("weight_shape", DType.I64, 2);
  }

  private String packing(String quantization) throws IOException {
    Files.writeString(
        folder.resolve("config.json"), "{\"quantization_config\":" + quantization + "}");
    List<TensorInfo> all = new ArrayList<>(tensors.values());
    try (CheckpointWriter w =
        Safetensors.INSTANCE.create(folder, all, Map.of("format", "pt"), 1L << 30)) {
      for (TensorInfo t : all) {
        if (t.name().endsWith(".weight_shape") && t.byteSize() == 16) {
          w.write(t.name(), 0, MemorySegment.ofArray(new long[] {64, 128}));
        }
        if (t.name().endsWith(".weight_shape") && t.dtype() == DType.I32) {
          w.write(t.name(), 0, MemorySegment.ofArray(new int[] {64, 128}));
        }
      }
      w.commit();
    }
    ModelConfig config = ModelConfigs.read(folder);
    try (Checkpoint c = Containers.open(folder)) {
      return Dialects.of(config, c).modules(config, c).get(M).packing().name();
    }
  }

  private static String ct(String... weights) {
    List<String> groups = new ArrayList<>();
    for (String w : weights) {
      groups.add("\"g%d\":{\"weights\":{%s}}".formatted(groups.size(), w));
    }
    return "{\"quant_method\":\"compressed-tensors\",\"config_groups\":{%s}}"
        .formatted(String.join(",", groups));
  }

  private void fails(String quantization, ErrorCode code, String... words) {
    assertThatThrownBy(() -> packing(quantization))
        .isInstanceOfSatisfying(MarlinException.class, e -> assertThat(e.code()).isEqualTo(code))
        .satisfies(e -> assertThat(((MarlinException) e).where() + e.getMessage()).contains(words));
  }

  private static final String INT4 = "\"num_bits\":4,\"group_size\":32";

  @ParameterizedTest
  @CsvSource({
    "2, 8, ''",
    "3, 12, ''",
    "5, 20, ''",
    "6, 24, ''",
    "7, 28, ''",
    "8, 32, ''",
    "3, 13, -whole-words",
    "5, 22, -whole-words",
    "6, 26, -whole-words",
    "7, 32, -whole-words",
  })
  void the_width_of_integers_is_the_one_whose_words_fill_a_row(int bits, int words, String whole)
      throws IOException {
    assertThat(packed(words).packing(ct("\"num_bits\":" + bits + ",\"group_size\":32")))
        .isEqualTo("pack-quantized-int" + bits + "-g32-bf16" + whole);
  }

  @Test
  void a_mixed_configuration_leaves_the_choice_to_the_planes() throws IOException {
    String mixed =
        ct("\"num_bits\":8,\"strategy\":\"channel\"", INT4, "\"num_bits\":4,\"group_size\":64");
    assertThat(packed(16).packing(mixed)).isEqualTo("pack-quantized-int4-g32-bf16");
  }

  @Test
  void without_config_groups_the_planes_alone_tell() throws IOException {
    assertThat(packed(32).packing("{\"quant_method\":\"compressed-tensors\"}"))
        .isEqualTo("pack-quantized-int8-g32-bf16");
  }

  @Test
  void an_index_of_groups_is_a_plane() throws IOException {
    assertThat(packed(16).with("weight_g_idx", DType.I32, 128).packing(ct(INT4)))
        .isEqualTo("pack-quantized-int4-g32-bf16-actorder");
  }

  /// As Kimi K2 is published.
  @Test
  void a_shape_may_be_of_32_bit_numbers() throws IOException {
    packed(16).with("weight_shape", DType.I32, 2);
    assertThat(packing(ct(INT4))).isEqualTo("pack-quantized-int4-g32-bf16-int32-shape");
  }

  @Test
  void zero_points_may_be_a_byte_each() throws IOException {
    packed(16).with("weight_zero_point", DType.I8, 64, 4);
    assertThat(packing(ct(INT4))).isEqualTo("pack-quantized-int4-g32-asym-bf16-byte-points");
  }

  @Test
  void the_key_of_2024_is_read() throws IOException {
    with("weight", DType.I8, 64, 128).with("weight_scale", DType.BF16, 64, 1);
    String older = "{},\"compression_config\":" + ct("\"num_bits\":8,\"strategy\":\"channel\"");
    assertThat(packing(older)).isEqualTo("int-quantized-int8-channel-bf16");
  }

  @Test
  void bytes_may_share_one_scale() throws IOException {
    with("weight", DType.I8, 64, 128).with("weight_scale", DType.BF16, 1);
    String tensor = ct("\"num_bits\":8,\"strategy\":\"tensor\"");
    assertThat(packing(tensor)).isEqualTo("int-quantized-int8-channel-bf16-shared");
    with("weight_zero_point", DType.I8, 1);
    assertThat(packing(tensor)).isEqualTo("int-quantized-int8-channel-asym-bf16-shared");
  }

  @Test
  void blocks_of_modelopt_have_scales_of_four_dimensions() throws IOException {
    with("weight", DType.F8_E4M3, 64, 256).with("weight_scale", DType.F32, 1, 1, 2, 1);
    assertThat(packing("{\"quant_method\":\"modelopt\",\"quant_algo\":\"FP8_PB_WO\"}"))
        .isEqualTo("modelopt-blocks-fp8-128x128-f32");
  }

  @Test
  void fbgemm_has_a_scale_for_each_row() throws IOException {
    with("weight", DType.F8_E4M3, 64, 128).with("weight_scale", DType.F32, 64, 1);
    assertThat(packing("{\"quant_method\":\"fbgemm_fp8\",\"activation_scale_ub\":1200.0}"))
        .isEqualTo("float-quantized-fp8-channel-f32");
  }

  @ParameterizedTest
  @CsvSource({
    "words, weight_packed, I32 64 15",
    "shape, weight_shape, I64 3",
    "scale, weight_scale, BF16 64 3",
    "type, weight_scale, I32 64 4",
    "zeros, weight_zero_point, I32 8 3",
    "order, weight_g_idx, I32 127",
  })
  void planes_that_do_not_fit_together_are_named(String why, String suffix, String plane) {
    packed(16).withPlane(suffix, plane);
    fails(ct(INT4), ErrorCode.TENSOR_MISMATCH, M + "." + suffix);
  }

  @Test
  void a_plane_that_is_missing_is_named() {
    packed(16);
    tensors.remove("weight_shape");
    fails(ct(INT4), ErrorCode.TENSOR_MISSING, M + ".weight_shape");
  }

  /// Without this a module that lost its codes would be no module, and its weight would be gone.
  @ParameterizedTest
  @CsvSource({
    "compressed-tensors, weight_shape I64 2, weight_packed",
    "compressed-tensors, weight_global_scale F32 1, weight_packed",
    "compressed-tensors, weight_scale BF16 64 1, weight",
    "compressed-tensors, weight_packed U8 64 64, weight_scale",
    "modelopt, weight_scale F8_E4M3 64 8, weight",
    "modelopt, weight_scale_2 F32, weight_scale",
    "gptq, qzeros I32 4 8, qweight",
    "awq, qzeros I32 4 8, qweight",
    "fp8, weight_scale_inv F32 1 1, weight",
  })
  void planes_without_the_codes_are_no_dense_module(String method, String plane, String missing) {
    String[] parts = plane.split(" ", 2);
    withPlane(parts[0], parts[1]);
    fails(
        "{\"quant_method\":\"%s\",\"bits\":4,\"group_size\":32}".formatted(method),
        ErrorCode.TENSOR_MISSING,
        M + "." + missing);
  }

  @Test
  void two_widths_that_fill_the_same_words_are_not_guessed() {
    packed(32);
    fails(
        ct("\"num_bits\":7,\"group_size\":32", "\"num_bits\":8,\"group_size\":32"),
        ErrorCode.TENSOR_MISMATCH,
        "several");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-2", "4294967296", "16777217", "1.5", "\"32\"", "[]"})
  void a_group_size_that_cannot_be_is_refused(String size) {
    packed(16);
    fails(ct("\"num_bits\":4,\"group_size\":" + size), ErrorCode.CONFIG_MALFORMED, "group_size");
  }

  @Test
  void a_group_size_that_the_scales_do_not_have_is_refused() {
    packed(16);
    fails(ct("\"num_bits\":4,\"group_size\":1000000"), ErrorCode.TENSOR_MISMATCH, "1000000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9", "1", "0", "-4", "16"})
  void a_width_that_is_not_read_is_refused(String bits) {
    packed(16);
    fails(ct("\"num_bits\":" + bits), ErrorCode.REFUSED_FORMAT, "num_bits " + bits);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[128]", "[0,128]", "\"128\"", "[128,-1]", "7"})
  void a_block_that_cannot_be_is_refused(String block) {
    packed(16);
    fails(
        ct("\"type\":\"float\",\"block_structure\":" + block),
        ErrorCode.CONFIG_MALFORMED,
        "block_structure");
  }

  @ParameterizedTest
  @CsvSource({
    "BF16 1, float-quantized-fp8-tensor-bf16",
    "F32 64 1, float-quantized-fp8-channel-f32",
    "BF16 2 4, float-quantized-fp8-32x32-bf16",
    "F16 64 2, float-quantized-fp8-1x64-f16",
    "U8 64 4, mxfp8-quantized",
  })
  void fp8_is_told_from_the_shape_of_its_scales(String scales, String name) throws IOException {
    with("weight", DType.F8_E4M3, 64, 128).withPlane("weight_scale", scales);
    assertThat(packing(ct("\"type\":\"float\",\"block_structure\":\"32x32\""))).isEqualTo(name);
  }

  @Test
  void what_is_known_and_not_read_is_refused_by_name() {
    with("compressed", DType.BF16, 64, 64).with("bitmask", DType.U8, 64, 16);
    fails(ct(INT4), ErrorCode.REFUSED_FORMAT, "sparse-24-bitmask");
    tensors.clear();
    with("weight", DType.BF16, 64, 128).with("weight_scale", DType.BF16, 64, 1);
    fails(ct(INT4), ErrorCode.REFUSED_FORMAT, "plain type");
  }

  @Test
  void native_fp8_has_scales_named_inverse() throws IOException {
    with("weight", DType.F8_E4M3, 64, 128).with("weight_scale_inv", DType.F32, 1, 2);
    String q = "{\"quant_method\":\"fp8\",\"weight_block_size\":[64,64]}";
    assertThat(packing(q)).isEqualTo("native-fp8-64x64-f32");
    fails(
        "{\"quant_method\":\"fp8\",\"weight_block_size\":[64]}",
        ErrorCode.CONFIG_MALFORMED,
        "weight_block_size");
    fails("{\"quant_method\":\"fp8\"}", ErrorCode.TENSOR_MISMATCH, "weight_scale_inv", "128x128");
    tensors.remove("weight_scale_inv");
    fails(q, ErrorCode.TENSOR_MISSING, "weight_scale_inv");
  }
}
