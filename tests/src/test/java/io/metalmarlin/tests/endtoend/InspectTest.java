package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `inspect` on what other tools made, against what their makers wrote down about it.
class InspectTest {
  private static final int GGUF_ALIGNMENT = 32;

  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({
    "mlx, affine-3bit-g64, mlx, int3-g64-affine-bf16, 0",
    "mlx, affine-4bit-g64, mlx, int4-g64-affine-bf16, 0",
    "mlx, affine-5bit-g128, mlx, int5-g128-affine-bf16, 0",
    "mlx, affine-6bit-g64, mlx, int6-g64-affine-bf16, 0",
    "mlx, affine-8bit-g64, mlx, int8-g64-affine-bf16, 0",
    "mlx, mixed_4_6, mlx, int4-g64-affine-bf16+int6-g64-affine-bf16, 0",
    "mlx, mxfp4, mlx, mxfp4, 0",
    "mlx, mxfp8, mlx, mxfp8, 0",
    "mlx, nvfp4, mlx, nvfp4-single, 0",
    "ct, NVFP4A16, compressed-tensors, nvfp4, 0",
    "ct, NVFP4A16-2l, compressed-tensors, nvfp4, 0",
    "ct, NVFP4, compressed-tensors, nvfp4, 0",
    "ct, W4A16-GPTQ, compressed-tensors, int4-g128-bf16, 0",
    "ct, W4A16_ASYM, compressed-tensors, int4-g128-asym-bf16, 0",
    "ct, W3A16, compressed-tensors, int3-g128-bf16, 0",
    "ct, INT8, compressed-tensors, int8-channel-bf16, 0",
    "ct, FP8_DYNAMIC, compressed-tensors, fp8-channel-bf16, 0",
    "ct, FP8_BLOCK, compressed-tensors, fp8-128x128-bf16, 0",
    "ct, MXFP4A16, compressed-tensors, mxfp4, 0",
    "modelopt, NVFP4, modelopt, nvfp4, 0",
    "modelopt, FP8, modelopt, fp8-tensor-f32, 0",
    // The manifest leaves the scales of the input out of its figure.
    "modelopt, INT4_AWQ, modelopt, int4-g128-f32, pre_quant_scale",
    // The manifest leaves the group of every column out of its figure.
    "autoround, gptq-w4g128, gptq, int4-g128-f16, g_idx",
    "autoround, awq-w4g128, awq, int4-g128-f16, 0",
    "autoround, nvfp4-llm_compressor, compressed-tensors, nvfp4, 0"
  })
  void dialect_schemes_and_bits_of_a_pack(
      String tool, String name, String dialect, String schemes, String more) throws IOException {
    JsonNode r = inspect(Shared.path("packs", tool, name));
    assertThat(r.path("dialect").asString()).isEqualTo(dialect);
    assertThat(r.path("model_type").asString()).isEqualTo("qwen3");
    assertThat(shares(r, "quantized").map(s -> s.path("scheme").asString()).distinct())
        .containsExactlyInAnyOrder(schemes.split("\\+"));
    long beside =
        RawCheckpoint.of(Shared.path("packs", tool, name)).tensors().entrySet().stream()
            .filter(t -> t.getKey().endsWith("." + more))
            .mapToLong(t -> t.getValue().data().length)
            .sum();
    double expected = bits(tool, name) + 8.0 * beside / r.at("/quantized/weights").asLong();
    assertThat(r.at("/quantized/bits_per_weight").asDouble()).isCloseTo(expected, within(0.01));
  }

  @ParameterizedTest
  @MethodSource("ggufPacks")
  void types_file_type_and_bits_of_a_gguf_file(String name) {
    JsonNode entry = manifest("gguf", name);
    JsonNode r = inspect(Shared.path("packs", "gguf", name, "model.gguf"));
    assertThat(r.path("dialect").asString()).isEqualTo("gguf");
    assertThat(r.path("model_type").asString())
        .isEqualTo(name.startsWith("moe") ? "qwen3_moe" : "qwen3");
    assertThat(r.at("/gguf/file_type").asInt()).isEqualTo(entry.path("file_type").asInt());
    assertThat(r.at("/quantized/bits_per_weight").asDouble())
        .isCloseTo(bits("gguf", name), within(0.01));
    assertThat(types(r)).isEqualTo(types(entry.path("tensor_types")));
  }

  static Stream<String> ggufPacks() {
    return JsonMapper.shared()
        .readTree(Shared.path("packs", "manifest.json").toFile())
        .path("packs")
        .valueStream()
        .filter(p -> p.path("peer").asString().equals("gguf"))
        .map(p -> p.path("name").asString());
  }

  @Test
  void the_shares_of_all_schemes_are_the_whole() {
    for (Path pack :
        List.of(
            Shared.path("packs", "ct", "NVFP4"),
            Shared.path("packs", "gguf", "NVFP4-from-modelopt"))) {
      JsonNode r = inspect(pack);
      assertThat(r.path("schemes").valueStream().mapToLong(s -> s.path("bytes").asLong()).sum())
          .isEqualTo(r.path("bytes").asLong());
      assertThat(r.path("schemes").valueStream().mapToLong(s -> s.path("weights").asLong()).sum())
          .isEqualTo(r.path("weights").asLong());
    }
  }

  @Test
  void text_has_a_table_of_schemes_and_what_a_gguf_file_says() {
    String text = Cli.run("inspect", Shared.path("packs", "gguf", "Q4_K_M")).ok().out();
    assertThat(text)
        .containsPattern("ggml-q4_k +ggml-q4_k +38 +4,259,840 +2.29 MiB +4.500")
        .containsPattern("F32 +dense +25")
        .contains("file type        Q4_K_M (15)")
        .containsPattern("qwen3.block_count +6\n");
  }

  @Test
  void the_headers_of_a_gguf_file_suffice() throws IOException {
    Path file = Shared.path("packs", "gguf", "Q4_K_M", "model.gguf");
    JsonNode whole = inspect(file);
    long data =
        whole
                .path("tensors")
                .valueStream()
                .mapToLong(t -> -Math.floorDiv(-t.path("bytes").asLong(), GGUF_ALIGNMENT))
                .sum()
            * GGUF_ALIGNMENT;
    byte[] all = Files.readAllBytes(file);
    Path headers =
        Files.write(
            work.resolve("headers.gguf"), Arrays.copyOf(all, Math.toIntExact(all.length - data)));
    JsonNode r = inspect(headers);
    assertThat(r.path("tensors")).isEqualTo(whole.path("tensors"));
    assertThat(r.path("schemes")).isEqualTo(whole.path("schemes"));
    assertThat(r.path("model_type")).isEqualTo(whole.path("model_type"));
  }

  @Test
  void metadata_of_the_wrong_type_is_shown_and_not_the_end() throws IOException {
    ByteBuffer b = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    b.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(0).putLong(1);
    string(b, "general.file_type");
    b.putInt(8);
    string(b, "Q4_0");
    Run run =
        Cli.run(
                "inspect",
                Files.write(work.resolve("odd.gguf"), Arrays.copyOf(b.array(), b.position())),
                "--json")
            .ok();
    assertThat(run.result().at("/gguf/file_type").isNull()).isTrue();
    assertThat(run.result().at("/metadata/general.file_type").asString()).isEqualTo("Q4_0");
  }

  private static void string(ByteBuffer b, String s) {
    b.putLong(s.length()).put(s.getBytes(StandardCharsets.US_ASCII));
  }

  @ParameterizedTest
  @CsvSource({"ct, NVFP4A16-2l, compressed-tensors, nvfp4", "modelopt, NVFP4, modelopt, nvfp4"})
  void names_tell_how_a_file_without_configuration_is_packed(
      String tool, String name, String dialect, String scheme) throws IOException {
    JsonNode r = inspect(alone(Shared.path("packs", tool, name)));
    assertThat(r.path("dialect").asString()).isEqualTo(dialect);
    assertThat(r.path("model_type").isNull()).isTrue();
    assertThat(r.at("/schemes/0/scheme").asString()).isEqualTo(scheme);
    assertThat(r.at("/quantized/bits_per_weight").asDouble())
        .isCloseTo(bits(tool, name), within(0.01));
  }

  @Test
  void a_dense_file_without_configuration_is_a_plain_list() throws IOException {
    Run run = Cli.run("inspect", alone(Models.twoBlocks()), "--json").ok();
    assertThat(run.json().path("warnings")).isEmpty();
    assertThat(run.result().path("dialect").isNull()).isTrue();
    assertThat(run.result().path("tensors").valueStream().map(t -> t.path("role").asString()))
        .containsOnly("dense");
    assertThat(run.result().path("bits_per_weight").asDouble()).isEqualTo(16);
  }

  @Test
  void packed_tensors_that_no_name_explains_are_listed_with_a_warning() throws IOException {
    Run run = Cli.run("inspect", alone(Shared.path("packs", "mlx", "nvfp4")), "--json").ok();
    assertThat(run.json().at("/warnings/0/code").asString()).isEqualTo("W102");
    assertThat(run.err()).contains("warning[W102]");
    assertThat(shares(run.result(), "unreadable").mapToInt(s -> s.path("count").asInt()).sum())
        .isEqualTo(30);
    assertThat(run.result().path("bits_per_weight").isNull()).isTrue();
    assertThat(run.result().path("bits_per_weight_reason").asString()).contains("30 tensors");
  }

  @Test
  void a_module_whose_planes_do_not_fit_is_a_warning_and_the_others_are_shown() throws IOException {
    Path pack = work.resolve("pack");
    Files.createDirectories(pack);
    Path peer = Shared.path("packs", "ct", "NVFP4A16-2l");
    Files.write(pack.resolve("config.json"), Files.readAllBytes(peer.resolve("config.json")));
    Path file =
        Files.write(
            pack.resolve("model.safetensors"),
            Files.readAllBytes(peer.resolve("model.safetensors")));
    rename(file, "0.mlp.up_proj.weight_scale\"", "0.mlp.up_proj.weight_scalf\"");

    Run run = Cli.run("inspect", pack, "--json").ok();

    assertThat(run.json().path("warnings")).hasSize(1);
    assertThat(run.json().at("/warnings/0/code").asString()).isEqualTo("W103");
    assertThat(run.err()).contains("warning[W103]").contains("model.layers.0.mlp.up_proj");
    assertThat(run.result().at("/quantized/modules").asInt()).isEqualTo(13);
    assertThat(
            run.result()
                .path("tensors")
                .valueStream()
                .filter(t -> t.path("role").asString().equals("unreadable"))
                .map(t -> t.path("name").asString()))
        .isNotEmpty()
        .allMatch(n -> n.startsWith("model.layers.0.mlp.up_proj."));
  }

  private static JsonNode inspect(Path path) {
    Run run = Cli.run("inspect", path, "--json").ok();
    assertThat(run.json().path("warnings")).isEmpty();
    return run.result();
  }

  /// The weights of a model in a folder where nothing else lies.
  private Path alone(Path model) throws IOException {
    return Files.write(
        work.resolve("alone.safetensors"), Files.readAllBytes(model.resolve("model.safetensors")));
  }

  /// Replaces a part of a header by as many bytes.
  private static void rename(Path file, String from, String to) throws IOException {
    try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] header = new byte[Math.toIntExact(Long.reverseBytes(f.readLong()))];
      f.readFully(header);
      String text = new String(header, StandardCharsets.UTF_8);
      assertThat(text).contains(from);
      f.seek(Long.BYTES);
      f.write(text.replace(from, to).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Stream<JsonNode> shares(JsonNode result, String role) {
    return result.path("schemes").valueStream().filter(s -> s.path("role").asString().equals(role));
  }

  /// How many tensors of each ggml type there are, single floating-point vectors aside.
  private static Map<String, Integer> types(JsonNode listed) {
    Map<String, Integer> types = new TreeMap<>();
    if (listed.has("tensors")) {
      listed
          .path("tensors")
          .valueStream()
          .map(t -> t.path("dtype").asString())
          .filter(t -> !t.equals("F32"))
          .forEach(t -> types.merge(t, 1, Integer::sum));
    } else {
      listed.forEachEntry((type, tensors) ->
          types.put(
              type,
              tensors.isArray()
                  ? tensors.size()
                  : Integer.parseInt(tensors.asString().split(" ")[0])));
    }
    return types;
  }

  private static double bits(String tool, String name) {
    return manifest(tool, name).path("bits_per_weight").asDouble();
  }

  private static JsonNode manifest(String tool, String name) {
    return JsonMapper.shared()
        .readTree(Shared.path("packs", "manifest.json").toFile())
        .path("packs")
        .valueStream()
        .filter(
            p -> p.path("peer").asString().equals(tool) && p.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
