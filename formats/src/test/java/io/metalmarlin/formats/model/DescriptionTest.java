package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.scheme.GroupScheme.WHOLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.testing.Shared;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The keys of compressed-tensors and ModelOpt, against the configurations their own tools wrote.
class DescriptionTest {
  private static final Packing FP8 =
      Dialects.named("modelopt")
          .packingFor(FloatScheme.fp8(WHOLE, WHOLE, ScaleType.BF16), DType.BF16)
          .orElseThrow();

  private static ModuleLayout layout(TreeMap<String, StoredAs> packed, String... dense) {
    return new ModuleLayout(packed, new TreeSet<>(Set.of(dense)));
  }

  private static ModuleLayout layout(Packing packing, Activations activations, String... dense) {
    TreeMap<String, StoredAs> packed = new TreeMap<>();
    packed.put("model.layers.0.mlp.up_proj", new StoredAs("X", packing, activations));
    packed.put("model.layers.1.mlp.up_proj", new StoredAs("X", packing, activations));
    return layout(packed, dense);
  }

  private static ObjectNode quantization(String dialect, ModuleLayout layout) {
    ModelConfig source = ModelConfigs.read(Shared.path("packs/base/qwen3-2l"));
    return (ObjectNode)
        Dialects.named(dialect)
            .describe(source, layout)
            .get("config.json")
            .get("quantization_config");
  }

  @ParameterizedTest
  @CsvSource({
    "W4A16_ASYM, NONE",
    "W4A16-GPTQ, NONE",
    "W3A16, NONE",
    "INT8, INT8_DYNAMIC",
    "FP8_DYNAMIC, FP8_DYNAMIC",
    "FP8_BLOCK, FP8_DYNAMIC",
    "MXFP4A16, NONE",
    "NVFP4A16-2l, NONE",
    "NVFP4, NVFP4",
  })
  void compressed_tensors_keys_equal_those_of_the_peer_but_for_what_we_state_ourselves(
      String pack, Activations activations) {
    var folder = Shared.path("packs", "ct", pack);
    ModelConfig config = ModelConfigs.read(folder);
    Packing packing;
    try (Checkpoint c = Containers.open(folder)) {
      packing = Dialects.of(config, c).modules(config, c).firstEntry().getValue().packing();
    }
    ObjectNode ours =
        quantization("compressed-tensors", layout(packing, activations, "lm_head", "a.b"));
    ObjectNode q = (ObjectNode) config.root().get("quantization_config").deepCopy();
    ObjectNode groups = (ObjectNode) q.get("config_groups");
    groups.set("group_0", groups.remove(groups.propertyNames().iterator().next()));
    q.putArray("ignore").add("a.b").add("lm_head");
    q.put("version", "0.18.0");
    q.putObject("sparsity_config");
    // Which of llm-compressor's ways to look at weights was used means nothing to a loader.
    ((ObjectNode) groups.get("group_0").get("weights")).putNull("observer");
    assertThat(PythonJson.print(ours, 2, false)).isEqualTo(PythonJson.print(q, 2, true));
  }

  @Test
  void several_ways_to_store_modules_are_groups_that_name_them() {
    TreeMap<String, StoredAs> packed = new TreeMap<>();
    Packing int4 = new PackQuantized(new IntScheme(4, 128, ScaleType.BF16, Zero.NONE));
    Packing nvfp4 = CompressedTensorsNvfp4.INSTANCE;
    packed.put("a", new StoredAs("W4A16", int4, Activations.NONE));
    packed.put("b", new StoredAs("NVFP4", nvfp4, Activations.NVFP4));
    packed.put("c", new StoredAs("NVFP4A16", nvfp4, Activations.NONE));
    packed.put("d", new StoredAs("W4A16", int4, Activations.NONE));
    ObjectNode q = quantization("compressed-tensors", layout(packed, "lm_head"));
    assertThat(q.get("format").stringValue()).isEqualTo("mixed-precision");
    JsonNode groups = q.get("config_groups");
    assertThat(groups.propertyNames()).containsExactly("group_0", "group_1", "group_2");
    assertThat(groups.at("/group_0/targets").toString()).isEqualTo("[\"a\",\"d\"]");
    assertThat(groups.at("/group_0/format").stringValue()).isEqualTo("pack-quantized");
    assertThat(groups.at("/group_1/targets").toString()).isEqualTo("[\"b\"]");
    assertThat(groups.at("/group_1/input_activations/dynamic").stringValue()).isEqualTo("local");
    assertThat(groups.at("/group_2/input_activations").isNull()).isTrue();
    assertThat(groups.at("/group_2/format").stringValue()).isEqualTo("nvfp4-pack-quantized");
  }

  @Test
  void fp8_weights_alone_and_microscaled_inputs_have_their_own_words() {
    Packing fp8 =
        Dialects.named("compressed-tensors")
            .packingFor(FloatScheme.fp8(1, WHOLE, ScaleType.BF16), DType.BF16)
            .orElseThrow();
    assertThat(quantization("compressed-tensors", layout(fp8, Activations.NONE)).get("format"))
        .hasToString("\"naive-quantized\"");
    JsonNode mx =
        quantization("compressed-tensors", layout(MxPacking.MXFP8, Activations.MX))
            .at("/config_groups/group_0/input_activations");
    assertThat(mx.get("scale_dtype").stringValue()).isEqualTo("torch.uint8");
    assertThat(mx.get("dynamic").booleanValue()).isTrue();
    assertThat(mx.get("num_bits").intValue()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({"NVFP4, NVFP4", "FP8, FP8_STATIC"})
  void modelopt_keys_contain_those_of_the_peer(String pack, Activations activations) {
    Packing packing = pack.equals("FP8") ? FP8 : ModelOptNvfp4.INSTANCE;
    ObjectNode ours =
        quantization("modelopt", layout(packing, activations, "lm_head", "model.embed_tokens"));
    ObjectNode theirs =
        (ObjectNode)
            ModelConfigs.read(Shared.path("packs", "modelopt", pack))
                .root()
                .get("quantization_config")
                .deepCopy();
    theirs.remove("producer");
    ours.remove("producer");
    // Ours says it once more at the top.
    ours.remove("group_size");
    assertThat(PythonJson.print(ours, 2, true)).isEqualTo(PythonJson.print(theirs, 2, true));
  }

  @Test
  void modelopt_names_the_layers_of_several_algorithms() {
    TreeMap<String, StoredAs> packed = new TreeMap<>();
    packed.put("a", new StoredAs("FP8", FP8, Activations.FP8_STATIC));
    packed.put("b", new StoredAs("NVFP4", ModelOptNvfp4.INSTANCE, Activations.NVFP4));
    ObjectNode q = quantization("modelopt", layout(packed));
    assertThat(q.get("quant_algo").stringValue()).isEqualTo("MIXED_PRECISION");
    assertThat(q.get("quantized_layers").toString())
        .isEqualTo(
            "{\"a\":{\"quant_algo\":\"FP8\"},\"b\":{\"group_size\":16,\"quant_algo\":\"NVFP4\"}}");
  }

  @Test
  void modelopt_has_no_name_for_fp8_weights_alone() {
    assertThatThrownBy(() -> quantization("modelopt", layout(FP8, Activations.NONE)))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TARGET_CANNOT))
        .hasMessageContaining("NONE");
  }

  @Test
  void grids_keep_their_scales_and_spell_biases_as_zero_points() {
    Dialect ct = Dialects.named("compressed-tensors");
    assertThat(ct.packingFor(new IntScheme(5, 64, ScaleType.F16, Zero.BIAS), DType.BF16))
        .contains(new PackQuantized(new IntScheme(5, 64, ScaleType.F16, Zero.POINT)));
    assertThat(ct.packingFor(Nvfp4Scheme.SINGLE_LEVEL, DType.BF16))
        .contains(CompressedTensorsNvfp4.INSTANCE);
    assertThat(ct.packingFor(FloatScheme.MXFP4, DType.F16)).contains(MxPacking.MXFP4);
    assertThat(Dialects.named("modelopt").packingFor(FloatScheme.MXFP4, DType.F16)).isEmpty();
  }
}
