package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class MarlinDialectTest {
  private static final MarlinDialect DIALECT = new MarlinDialect();
  private static final Packing SPARSE = new Sparse24Packing(Nvfp4Scheme.INSTANCE);
  private static final Packing DENSE = CompressedTensorsNvfp4.INSTANCE;

  @TempDir Path folder;
  private final FakeCheckpoint checkpoint = new FakeCheckpoint();

  /// Writes a configuration for modules `m0`, `m1`, ... in these packings, and their tensors.
  private ModelConfig written(List<Packing> packings) throws IOException {
    return written(packings, List.of());
  }

  /// @param transforms of the inputs of the first modules; the others stay as they are
  private ModelConfig written(List<Packing> packings, List<InputTransform> transforms)
      throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"qwen3\"}");
    SortedMap<String, StoredAs> packed = new TreeMap<>();
    for (int i = 0; i < packings.size(); i++) {
      String module = "m" + i;
      Optional<InputTransform> transform = transforms.stream().skip(i).findFirst();
      String scheme = packings.get(i).scheme().name();
      packed.put(module, new StoredAs(scheme, packings.get(i), Activations.NONE, transform));
      packings
          .get(i)
          .planes(24, 256)
          .forEach(p -> checkpoint.tensors().put(p.tensor(module).name(), p.tensor(module)));
    }
    ModuleLayout layout = new ModuleLayout(packed, new TreeSet<>(Set.of("lm_head")));
    return write(DIALECT.describe(ModelConfigs.read(folder), layout).get("config.json"));
  }

  private ModelConfig write(JsonNode config) throws IOException {
    Files.writeString(folder.resolve("config.json"), PythonJson.print(config, 2, false));
    return ModelConfigs.read(folder);
  }

  private static JsonNode quantization(ModelConfig c) {
    return c.root().path("quantization_config");
  }

  @Test
  void what_version_1_can_say_is_version_1() throws IOException {
    JsonNode q = quantization(written(List.of(DENSE, DENSE)));
    assertThat(q.path("version").asInt()).isEqualTo(1);
    assertThat(q.path("format").asString()).isEqualTo("nvfp4-pack-quantized");
    assertThat(q.has("layouts")).isFalse();
  }

  @Test
  void sparse_modules_make_it_version_2_and_every_module_is_found_again() throws IOException {
    List<Packing> packings =
        List.of(
            SPARSE,
            DENSE,
            new Sparse24Packing(new IntScheme(4, 64, ScaleType.BF16, Zero.NONE)),
            new Sparse24Packing(new IntScheme(4, GroupScheme.WHOLE, ScaleType.F16, Zero.NONE)));
    ModelConfig config = written(packings);
    assertThat(quantization(config).path("version").asInt()).isEqualTo(2);
    assertThat(Dialects.of(config, checkpoint)).isInstanceOf(MarlinDialect.class);
    var modules = DIALECT.modules(config, checkpoint);
    for (int i = 0; i < packings.size(); i++) {
      PackedModule m = modules.get("m" + i);
      assertThat(m.packing()).isEqualTo(packings.get(i));
      assertThat(List.of(m.rows(), m.cols())).containsExactly(24, 256);
    }
  }

  @Test
  void inputs_with_transforms_of_their_own_make_it_version_3() throws IOException {
    ModelConfig config =
        written(
            List.of(DENSE, DENSE, SPARSE, DENSE),
            List.of(new InputTransform(32), new InputTransform(16), new InputTransform(16)));
    JsonNode q = quantization(config);
    assertThat(q.path("version").asInt()).isEqualTo(3);
    assertThat(q.has("input_transform")).isFalse();
    assertThat(q.path("layouts")).hasSize(4);
    var modules = DIALECT.modules(config, checkpoint);
    assertThat(modules.values())
        .extracting(PackedModule::transform)
        .containsExactly(
            Optional.of(new InputTransform(32)),
            Optional.of(new InputTransform(16)),
            Optional.of(new InputTransform(16)),
            Optional.empty());
  }

  @Test
  void one_transform_for_all_is_said_once() throws IOException {
    InputTransform had16 = new InputTransform(16);
    ModelConfig config = written(List.of(DENSE, DENSE), List.of(had16, had16));
    JsonNode q = quantization(config);
    assertThat(q.path("version").asInt()).isEqualTo(1);
    assertThat(q.at("/input_transform/block_size").asInt()).isEqualTo(16);
    assertThat(DIALECT.modules(config, checkpoint).values())
        .extracting(PackedModule::transform)
        .containsOnly(Optional.of(had16));
  }

  @Test
  void no_key_announces_sparsity_to_other_loaders() throws IOException {
    ModelConfig config = written(List.of(SPARSE));
    assertThat(config.root().toString()).doesNotContain("sparsity_config");
    assertThat(quantization(config).path("quant_method").asString()).isEqualTo("marlin");
  }

  @ParameterizedTest
  @CsvSource({
    "\"format_version\": 1,\"format_version\": 2",
    "\"format\": \"sparse24-nvfp4\",\"format\": \"sparse25\"",
    "\"type\": \"nvfp4\",\"type\": \"nvfp5\"",
    "\"type\": \"2:4\",\"type\": \"2:3\""
  })
  void a_layout_of_another_program_is_refused_by_name(String key, String other) throws IOException {
    written(List.of(SPARSE));
    String text = Files.readString(folder.resolve("config.json"));
    assertThat(text).contains(key);
    Files.writeString(folder.resolve("config.json"), text.replace(key, other));
    assertThatThrownBy(() -> DIALECT.modules(ModelConfigs.read(folder), checkpoint))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.REFUSED_FORMAT);
              assertThat(e.getMessage()).contains("modules are stored as");
            });
  }

  @Test
  void a_module_whose_tensors_are_missing_is_named() throws IOException {
    ModelConfig config = written(List.of(SPARSE));
    FakeCheckpoint without = checkpoint.without("m0.weight_pattern");
    assertThatThrownBy(() -> DIALECT.modules(config, without))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TENSOR_MISSING);
              assertThat(e.where()).isEqualTo("m0.weight_pattern");
            });
  }

  /// Whatever it stores it can also spell and read back.
  @Test
  void every_grid_it_has_a_packing_for_has_a_form_in_its_configuration() {
    for (Scheme scheme : io.metalmarlin.formats.scheme.Schemes.ALL) {
      DIALECT
          .packingFor(scheme, DType.BF16)
          .ifPresent(p -> assertThat(GridJson.read(GridJson.of(p.scheme()))).contains(p.scheme()));
    }
    assertThat(DIALECT.packingFor(new Sparse24Scheme(Nvfp4Scheme.INSTANCE), DType.BF16))
        .contains(SPARSE);
    assertThat(DIALECT.packingFor(new Sparse24Scheme(Nvfp4Scheme.SINGLE_LEVEL), DType.BF16))
        .isEmpty();
  }
}
