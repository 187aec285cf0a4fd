package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.formats.scheme.ColumnScaledPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Which dialect a folder is written in, what is refused, and the exact keys that are written.
class DialectTest {
  private static final String M = "model.layers.1.mlp.down_proj";

  @TempDir Path folder;

  private ModelConfig config(String json) throws IOException {
    Files.writeString(folder.resolve("config.json"), json);
    return ModelConfigs.read(folder);
  }

  private ModelConfig method(String method, String more) throws IOException {
    return config("{\"quantization_config\":{\"quant_method\":\"" + method + "\"" + more + "}}");
  }

  private static FakeCheckpoint ct() {
    return new FakeCheckpoint()
        .with(M + ".weight_packed", DType.U8, 4, 8)
        .with(M + ".weight_scale", DType.F8_E4M3, 4, 1)
        .with(M + ".weight_global_scale", DType.F32, 1);
  }

  private static FakeCheckpoint modelOpt() {
    return new FakeCheckpoint()
        .with(M + ".weight", DType.U8, 4, 8)
        .with(M + ".weight_scale", DType.F8_E4M3, 4, 1)
        .with(M + ".weight_scale_2", DType.F32);
  }

  private static void refuses(Runnable action, String... words) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED_FORMAT))
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @CsvSource({
    "packs/ct/NVFP4A16, compressed-tensors",
    "packs/ct/NVFP4, compressed-tensors",
    "packs/autoround/nvfp4-llm_compressor, compressed-tensors",
    "packs/modelopt/NVFP4, modelopt",
    "models/qwen3-7m, hf-dense",
    "models/qwen3-31m, hf-dense",
  })
  void peers_folders_are_recognised_and_their_modules_found(String path, String dialect) {
    Path model = Shared.path(path);
    ModelConfig config = ModelConfigs.read(model);
    try (Checkpoint c = Containers.open(model)) {
      Dialect d = Dialects.of(config, c);
      assertThat(d.name()).isEqualTo(dialect);
      Optional<Packing> packing = packing(d, config, c, M);
      assertThat(packing.isPresent()).isEqualTo(!dialect.equals("hf-dense"));
      assertThat(packing(d, config, c, "model.norm")).isEmpty();
      assertThat(packing(d, config, c, "model.embed_tokens")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bitsandbytes", "hqq", "quip"})
  void other_families_are_refused_by_name(String family) throws IOException {
    ModelConfig config = method(family, "");
    refuses(() -> Dialects.of(config, new FakeCheckpoint()), family);
  }

  @Test
  void configuration_counts_before_tensor_names() throws IOException {
    assertThat(Dialects.of(method("modelopt", ""), ct()).name()).isEqualTo("modelopt");
    assertThat(Dialects.of(method("compressed-tensors", ""), modelOpt()).name())
        .isEqualTo("compressed-tensors");
  }

  @Test
  void without_any_word_the_tensors_tell() throws IOException {
    ModelConfig silent = config("{}");
    assertThat(Dialects.of(silent, ct()).name()).isEqualTo("compressed-tensors");
    assertThat(Dialects.of(silent, modelOpt()).name()).isEqualTo("modelopt");
    FakeCheckpoint gptq = new FakeCheckpoint().with(M + ".qweight", DType.I32, 2, 2);
    refuses(() -> Dialects.of(silent, gptq), "packed");
  }

  @Test
  void the_older_file_of_modelopt_is_enough() throws IOException {
    Files.writeString(
        folder.resolve("hf_quant_config.json"), "{\"quantization\":{\"quant_algo\":\"NVFP4\"}}");
    ModelConfig config = config("{}");
    assertThat(Dialects.of(config, modelOpt()).name()).isEqualTo("modelopt");
    assertThat(packing(Dialects.named("modelopt"), config, modelOpt(), M))
        .contains(ModelOptNvfp4.INSTANCE);
  }

  @Test
  void the_old_gptq_method_called_marlin_is_not_ours() throws IOException {
    ModelConfig old = method("marlin", ",\"bits\":4,\"group_size\":128");
    refuses(() -> Dialects.of(old, new FakeCheckpoint()), "marlin");
  }

  @Test
  void modelopt_with_swizzled_scales_svdquant_or_two_levels_of_int4_is_refused()
      throws IOException {
    Dialect d = Dialects.named("modelopt");
    ModelConfig c = method("modelopt", ",\"quant_algo\":\"NVFP4_SVD\"");
    refuses(
        () -> packing(d, c, modelOpt().with(M + ".svdquant_lora_a", DType.BF16, 16, 4), M),
        "NVFP4_SVD",
        "svdquant_lora_a");
    refuses(
        () -> packing(d, c, modelOpt().with(M + ".weight_scale", DType.F8_E4M3, 128, 4), M),
        "swizzled");
    refuses(
        () -> packing(d, c, modelOpt().with(M + ".weight_scale", DType.F32, 4, 1), M), "NVFP4_SVD");
  }

  @Test
  void modelopts_factors_of_the_input_belong_to_the_matrix() throws IOException {
    FakeCheckpoint awq = modelOpt().with(M + ".pre_quant_scale", DType.BF16, 16);
    Dialect d = Dialects.named("modelopt");
    assertThat(packing(d, method("modelopt", ""), awq, M))
        .contains(new ColumnScaledPacking(ModelOptNvfp4.INSTANCE, DType.BF16));
  }

  @Test
  void transforms_and_sparsity_of_compressed_tensors_are_refused_when_they_have_content()
      throws IOException {
    Dialect d = Dialects.named("compressed-tensors");
    for (String key : Set.of("transform_config", "sparsity_config")) {
      ModelConfig filled = method("compressed-tensors", ",\"" + key + "\":{\"x\":1}");
      refuses(() -> packing(d, filled, ct(), M), key);
      ModelConfig empty = method("compressed-tensors", ",\"" + key + "\":{}");
      assertThat(packing(d, empty, ct(), M)).contains(CompressedTensorsNvfp4.INSTANCE);
    }
  }

  @Test
  void a_word_about_sparsity_or_about_transforms_in_the_weights_asks_for_nothing()
      throws IOException {
    String sparse =
        """
        ,"sparsity_config":{"format":"%s","global_sparsity":0.1,"sparsity_structure":"2:4"}\
        """;
    String transform =
        """
        ,"transform_config":{"config_groups":{"R1":{"type":"hadamard","apply":[
          {"targets":["re:.*o_proj$"],"location":"weight_output"},
          {"targets":["re:.*q_proj$"],"location":"%s","inverse":true}]}}}\
        """;
    Dialect d = Dialects.named("compressed-tensors");
    for (String more : List.of(sparse.formatted("dense"), transform.formatted("weight_input"))) {
      assertThat(packing(d, method("compressed-tensors", more), ct(), M))
          .contains(CompressedTensorsNvfp4.INSTANCE);
    }
    ModelConfig packed = method("compressed-tensors", sparse.formatted("sparse-24-bitmask"));
    refuses(() -> packing(d, packed, ct(), M), "sparsity_config", "sparse-24-bitmask");
    ModelConfig online = method("compressed-tensors", transform.formatted("input"));
    refuses(() -> packing(d, online, ct(), M), "transform_config", "R1 at input");
  }

  @Test
  void a_marlin_folder_of_another_version_or_with_an_unknown_transform_is_refused()
      throws IOException {
    String v1 = ",\"scheme\":\"NVFP4A16\",\"version\":1";
    Dialect d = Dialects.named("marlin");
    for (String more :
        new String[] {
          ",\"scheme\":\"NVFP4A16\",\"version\":3",
          // Version 2 must say how each module is stored.
          ",\"scheme\":\"NVFP4A16\",\"version\":2",
          v1 + ",\"input_transform\":{\"type\":\"dct\",\"block_size\":16}",
          v1 + ",\"input_transform\":{\"type\":\"hadamard\",\"block_size\":24}",
          v1 + ",\"input_transform\":16",
        }) {
      ModelConfig c = method("marlin", more);
      assertThatThrownBy(() -> d.modules(c, ct()))
          .as(more)
          .isInstanceOfSatisfying(
              MarlinException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_MALFORMED));
    }
  }

  private static ModuleLayout layout(Packing packing) {
    TreeMap<String, StoredAs> packed = new TreeMap<>();
    packed.put(M, new StoredAs("NVFP4A16", packing, Activations.NONE));
    return new ModuleLayout(packed, new TreeSet<>(Set.of("lm_head", "a.b")));
  }

  @Test
  void config_json_comes_with_sorted_keys_and_the_sources_values() {
    ModelConfig source = ModelConfigs.read(Shared.path("models", "qwen3-7m"));
    ObjectNode ours =
        Dialects.named("compressed-tensors")
            .describe(source, layout(CompressedTensorsNvfp4.INSTANCE))
            .get("config.json");
    assertThat(PythonJson.print(ours, 2, false)).isEqualTo(PythonJson.print(ours, 2, true));
    ObjectNode without = ours.deepCopy();
    without.remove("quantization_config");
    assertThat(without).isEqualTo(source.root());
    assertThat(source.root().has("quantization_config")).isFalse();
  }

  @Test
  void modelopt_files_have_the_keys_its_readers_demand() throws IOException {
    var files = Dialects.named("modelopt").describe(config("{}"), layout(ModelOptNvfp4.INSTANCE));
    ObjectNode q = (ObjectNode) files.get("hf_quant_config.json").get("quantization");
    assertThat(q.propertyNames())
        .containsExactlyInAnyOrder(
            "quant_algo", "kv_cache_quant_algo", "group_size", "exclude_modules");
    assertThat(q.get("quant_algo").stringValue()).isEqualTo("W4A16_NVFP4");
    assertThat(q.get("kv_cache_quant_algo").isNull()).isTrue();
    ObjectNode c = (ObjectNode) files.get("config.json").get("quantization_config");
    assertThat(c.get("quant_method").stringValue()).isEqualTo("modelopt");
    assertThat(c.get("ignore")).isEqualTo(q.get("exclude_modules"));
    assertThat(c.get("config_groups").get("group_0").has("input_activations")).isFalse();
  }

  private static Optional<Packing> packing(
      Dialect dialect, ModelConfig config, Checkpoint checkpoint, String stem) {
    return Optional.ofNullable(dialect.modules(config, checkpoint).get(stem))
        .map(PackedModule::packing);
  }
}
