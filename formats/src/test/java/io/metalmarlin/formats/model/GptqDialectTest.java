package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.model.Failures.fails;
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
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import io.metalmarlin.formats.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// What the configurations of GPTQ and AWQ packs mean, what is refused, and what is written.
class GptqDialectTest {
  private static final String M = "model.layers.0.mlp.up_proj";
  private static final GptqDialect GPTQ = new GptqDialect();
  private static final AwqDialect AWQ = new AwqDialect();

  @TempDir Path folder;

  private ModelConfig config(String quantization) throws IOException {
    Files.writeString(
        folder.resolve("config.json"), "{\"quantization_config\":{" + quantization + "}}");
    return ModelConfigs.read(folder);
  }

  private ModelConfig gptq(String more) throws IOException {
    return config("\"quant_method\":\"gptq\"," + more);
  }

  /// 64 outputs of 128 inputs.
  private static FakeCheckpoint packed(String stem, int bits, int groups, boolean index) {
    FakeCheckpoint c =
        new FakeCheckpoint()
            .with(stem + ".qweight", DType.I32, 128 * bits / 32, 64)
            .with(stem + ".qzeros", DType.I32, groups, 64 * bits / 32)
            .with(stem + ".scales", DType.F16, groups, 64);
    return index ? c.with(stem + ".g_idx", DType.I32, 128) : c;
  }

  private static FakeCheckpoint awq() {
    return new FakeCheckpoint()
        .with(M + ".qweight", DType.I32, 128, 8)
        .with(M + ".qzeros", DType.I32, 2, 8)
        .with(M + ".scales", DType.F16, 2, 64);
  }

  private static GptqPacking packing(int bits, int group, Zero zero, Version v, Index index) {
    return new GptqPacking(new IntScheme(bits, group, ScaleType.F16, zero), v, index);
  }

  @ParameterizedTest
  @CsvSource({
    "'', V1",
    "',\"checkpoint_format\":\"gptq\"', V1",
    "',\"checkpoint_format\":\"gptq_v2\"', V2",
    "',\"checkpoint_format\":null', V1",
    "',\"format\":\"gptq_v2\"', V2"
  })
  void the_checkpoint_format_tells_how_zero_points_are_stored(String format, Version version)
      throws IOException {
    ModelConfig c = gptq("\"bits\":4,\"group_size\":64" + format);
    PackedModule m = GPTQ.modules(c, packed(M, 4, 2, true)).get(M);
    assertThat(m.packing()).isEqualTo(packing(4, 64, Zero.POINT, version, Index.RUNS));
    assertThat(m.rows()).isEqualTo(64);
    assertThat(m.cols()).isEqualTo(128);
  }

  @ParameterizedTest
  @CsvSource({"2, 64, 2", "3, 32, 4", "4, 128, 1", "8, -1, 1"})
  void widths_and_groups_are_read(int bits, int group, int groups) throws IOException {
    ModelConfig c =
        gptq("\"bits\":%d,\"group_size\":%d,\"sym\":true,\"desc_act\":true".formatted(bits, group));
    assertThat(GPTQ.modules(c, packed(M, bits, groups, true)).get(M).packing())
        .isEqualTo(
            packing(
                bits,
                group < 0 ? GroupScheme.WHOLE : group,
                Zero.NONE,
                Version.V1,
                Index.ACT_ORDER));
  }

  @Test
  void a_pack_may_lack_the_index_unless_it_is_in_activation_order() throws IOException {
    String common = "\"bits\":4,\"group_size\":64";
    FakeCheckpoint checkpoint = packed(M, 4, 2, false);
    assertThat(GPTQ.modules(gptq(common), checkpoint).get(M).packing())
        .isEqualTo(packing(4, 64, Zero.POINT, Version.V1, Index.NONE));
    ModelConfig c = gptq(common + ",\"desc_act\":true");
    fails(ErrorCode.TENSOR_MISSING, () -> GPTQ.modules(c, checkpoint), "g_idx");
  }

  @Test
  void dynamic_overrides_are_followed_by_shape() throws IOException {
    String other = "model.layers.1.mlp.up_proj";
    String plain = "\"bits\":4,\"group_size\":64,\"sym\":true";
    FakeCheckpoint checkpoint = packed(M, 4, 2, true);
    packed(other, 8, 4, true)
        .tensors()
        .values()
        .forEach(t -> checkpoint.tensors().put(t.name(), t));
    ModelConfig c =
        gptq(plain + ",\"dynamic\":{\"+:.*1\\\\.mlp.*\":{\"bits\":8,\"group_size\":32}}");
    Map<String, PackedModule> modules = GPTQ.modules(c, checkpoint);
    assertThat(modules.get(M).packing())
        .isEqualTo(packing(4, 64, Zero.NONE, Version.V1, Index.RUNS));
    assertThat(modules.get(other).packing())
        .isEqualTo(packing(8, 32, Zero.NONE, Version.V1, Index.RUNS));
    ModelConfig sym = gptq(plain + ",\"dynamic\":{\"+:x\":{\"sym\":false}}");
    assertThat(GPTQ.modules(sym, checkpoint).get(M).packing())
        .isEqualTo(packing(4, 64, Zero.POINT, Version.V1, Index.RUNS));
    ModelConfig without = gptq(plain);
    fails(ErrorCode.TENSOR_MISMATCH, () -> GPTQ.modules(without, checkpoint), other, "8 bits");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"checkpoint_format\":\"gptq_p\"', gptq_p",
    "'\"checkpoint_format\":\"marlin\"', marlin",
    "'\"is_marlin_format\":true', Marlin"
  })
  void other_layouts_of_gptq_are_refused_by_name(String more, String word) throws IOException {
    ModelConfig c = gptq("\"bits\":4,\"group_size\":64," + more);
    fails(ErrorCode.REFUSED_FORMAT, () -> GPTQ.modules(c, packed(M, 4, 2, true)), word);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gemv_fast", "marlin", "GEMV_FAST"})
  void other_versions_of_awq_are_refused_by_name(String version) throws IOException {
    ModelConfig c =
        config(
            "\"quant_method\":\"awq\",\"bits\":4,\"group_size\":64,\"version\":\""
                + version
                + "\"");
    fails(ErrorCode.REFUSED_FORMAT, () -> AWQ.modules(c, awq()), version.toLowerCase());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"group_size\":64",
        "\"bits\":0,\"group_size\":64",
        "\"bits\":9,\"group_size\":64",
        "\"bits\":5,\"group_size\":64",
        "\"bits\":\"x\",\"group_size\":64",
        "\"bits\":4",
        "\"bits\":4,\"group_size\":0",
        "\"bits\":4,\"group_size\":-5",
        "\"bits\":4,\"group_size\":1e9",
        "\"bits\":4,\"group_size\":64,\"desc_act\":\"no\"",
        "\"bits\":4,\"group_size\":64,\"sym\":1",
        "\"bits\":4,\"group_size\":64,\"checkpoint_format\":2",
      })
  void numbers_that_gptq_does_not_have_are_refused(String more) throws IOException {
    ModelConfig c = gptq(more);
    fails(ErrorCode.CONFIG_MALFORMED, () -> GPTQ.modules(c, packed(M, 4, 2, true)), "config.json");
  }

  @Test
  void shapes_that_do_not_fit_are_refused() throws IOException {
    ModelConfig c = gptq("\"bits\":4,\"group_size\":7");
    fails(ErrorCode.TENSOR_MISMATCH, () -> GPTQ.modules(c, packed(M, 4, 2, true)), "scales");
    ModelConfig three = gptq("\"bits\":3,\"group_size\":64");
    fails(ErrorCode.TENSOR_MISMATCH, () -> GPTQ.modules(three, packed(M, 4, 2, true)), "qzeros");
    ModelConfig good = gptq("\"bits\":4,\"group_size\":64");
    for (String plane : new String[] {"qzeros", "scales"}) {
      FakeCheckpoint cut = packed(M, 4, 2, true).without(M + "." + plane);
      fails(ErrorCode.TENSOR_MISSING, () -> GPTQ.modules(good, cut), plane);
    }
    FakeCheckpoint index = packed(M, 4, 2, true).with(M + ".g_idx", DType.I32, 64);
    fails(ErrorCode.TENSOR_MISMATCH, () -> GPTQ.modules(good, index), "g_idx");
    FakeCheckpoint type = packed(M, 4, 2, true).with(M + ".scales", DType.I8, 2, 64);
    fails(ErrorCode.TENSOR_MISMATCH, () -> GPTQ.modules(good, type), "I8");
    FakeCheckpoint flat = packed(M, 4, 2, true).with(M + ".qweight", DType.I32, 64);
    fails(ErrorCode.TENSOR_MISMATCH, () -> GPTQ.modules(good, flat), "qweight");
    ModelConfig awq = config("\"quant_method\":\"awq\",\"bits\":4,\"group_size\":128");
    fails(ErrorCode.TENSOR_MISMATCH, () -> AWQ.modules(awq, awq()), "2 groups");
  }

  @Test
  void awq_without_zero_points_is_symmetric() throws IOException {
    String common = "\"quant_method\":\"awq\",\"bits\":4,\"group_size\":64,\"version\":\"GEMM\"";
    assertThat(AWQ.modules(config(common), awq()).get(M).packing())
        .isEqualTo(new AwqPacking(new IntScheme(4, 64, ScaleType.F16, Zero.POINT)));
    assertThat(AWQ.modules(config(common + ",\"zero_point\":false"), awq()).get(M).packing())
        .isEqualTo(new AwqPacking(new IntScheme(4, 64, ScaleType.F16, Zero.NONE)));
  }

  @Test
  void the_separate_file_alone_is_enough() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(
        folder.resolve("quantize_config.json"), "{\"bits\":4,\"group_size\":64,\"sym\":true}");
    ModelConfig c = ModelConfigs.read(folder);
    FakeCheckpoint checkpoint = packed(M, 4, 2, true);
    assertThat(Dialects.of(c, checkpoint)).isInstanceOf(GptqDialect.class);
    assertThat(GPTQ.modules(c, checkpoint)).containsOnlyKeys(M);
  }

  @Test
  void the_first_files_of_autoawq_are_enough_too() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(
        folder.resolve("quant_config.json"),
        "{\"zero_point\":true,\"q_group_size\":64,\"w_bit\":4,\"version\":\"GEMM\"}");
    ModelConfig c = ModelConfigs.read(folder);
    assertThat(Dialects.of(c, awq())).isInstanceOf(AwqDialect.class);
    assertThat(AWQ.modules(c, awq()).get(M).packing())
        .isEqualTo(new AwqPacking(new IntScheme(4, 64, ScaleType.F16, Zero.POINT)));
  }

  @Test
  void awqs_version_may_be_called_as_gptqmodel_does() throws IOException {
    ModelConfig c =
        config(
            "\"quant_method\":\"awq\",\"bits\":4,\"group_size\":64,"
                + "\"checkpoint_format\":\"gemv_fast\"");
    fails(ErrorCode.REFUSED_FORMAT, () -> AWQ.modules(c, awq()), "gemv_fast");
  }

  @Test
  void grids_keep_width_group_and_16_bit_scales() {
    IntScheme bias = new IntScheme(4, 64, ScaleType.BF16, Zero.BIAS);
    assertThat(GPTQ.packingFor(bias, DType.F16))
        .contains(
            new GptqPacking(
                new IntScheme(4, 64, ScaleType.BF16, Zero.POINT), Version.V1, Index.RUNS));
    assertThat(AWQ.packingFor(new IntScheme(4, 64, ScaleType.F32, Zero.NONE), DType.F32))
        .contains(new AwqPacking(new IntScheme(4, 64, ScaleType.F16, Zero.NONE)));
    assertThat(GPTQ.packingFor(new IntScheme(5, 64, ScaleType.F16, Zero.NONE), DType.F16))
        .isEmpty();
    assertThat(AWQ.packingFor(new IntScheme(8, 64, ScaleType.F16, Zero.NONE), DType.F16)).isEmpty();
  }

  private Map<String, ObjectNode> describe(Dialect dialect, Map<String, Packing> packings)
      throws IOException {
    TreeMap<String, StoredAs> packed = new TreeMap<>();
    packings.forEach((name, p) -> packed.put(name, new StoredAs("X", p, Activations.NONE)));
    TreeSet<String> dense = new TreeSet<>(java.util.Set.of("lm_head", "a.b"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"qwen3\"}");
    return dialect.describe(ModelConfigs.read(folder), new ModuleLayout(packed, dense));
  }

  @Test
  void gptq_is_described_twice_with_overrides_of_single_modules() throws IOException {
    Map<String, ObjectNode> files =
        describe(
            GPTQ,
            Map.of(
                "x.0", packing(4, 64, Zero.NONE, Version.V1, Index.RUNS),
                "x.1", packing(4, 64, Zero.NONE, Version.V1, Index.RUNS),
                "x.2", packing(8, GroupScheme.WHOLE, Zero.NONE, Version.V1, Index.RUNS)));
    ObjectNode q = files.get("quantize_config.json");
    assertThat(files.get("config.json").get("quantization_config")).isEqualTo(q);
    assertThat(PythonJson.print(q, 0, false).replaceAll("\\s+", ""))
        .isEqualTo(
            "{\"bits\":4,\"checkpoint_format\":\"gptq\",\"damp_percent\":0.01,\"desc_act\":false,"
                + "\"dynamic\":{\"-:^a\\\\.b$\":{},\"+:^x\\\\.2$\":{\"bits\":8,\"group_size\":-1}},"
                + "\"group_size\":64,\"lm_head\":false,\"meta\":{\"quantizer\":[\"metal-marlin:1\"]},"
                + "\"quant_method\":\"gptq\",\"sym\":true,\"true_sequential\":true}");
  }

  @Test
  void awq_names_its_dense_modules_and_has_one_group_size() throws IOException {
    Packing packing = new AwqPacking(new IntScheme(4, 64, ScaleType.F16, Zero.NONE));
    ObjectNode q =
        (ObjectNode)
            describe(AWQ, Map.of("x.0", packing)).get("config.json").get("quantization_config");
    assertThat(q.toString())
        .isEqualTo(
            "{\"bits\":4,\"group_size\":64,\"modules_to_not_convert\":[\"a.b\",\"lm_head\"],"
                + "\"quant_method\":\"awq\",\"version\":\"gemm\",\"zero_point\":true}");
    Packing other = new AwqPacking(new IntScheme(4, 32, ScaleType.F16, Zero.NONE));
    assertThatThrownBy(() -> describe(AWQ, Map.of("x.0", packing, "x.1", other)))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("one group size");
  }
}
