package io.metalmarlin.formats.model;

import static io.metalmarlin.formats.model.Failures.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.testing.Shared;
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

/// What MLX's `quantization` object means, and how it is written.
class MlxDialectTest {
  private static final String M = "model.layers.0.mlp.up_proj";
  private static final MlxDialect MLX = new MlxDialect();

  @TempDir Path folder;

  private ModelConfig config(String quantization) throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"quantization\":" + quantization + "}");
    return ModelConfigs.read(folder);
  }

  /// 8 rows of `words` words in `groups` affine groups.
  private static FakeCheckpoint affine(String stem, DType scales, int words, int groups) {
    return new FakeCheckpoint()
        .with(stem + ".weight", DType.U32, 8, words)
        .with(stem + ".scales", scales, 8, groups)
        .with(stem + ".biases", scales, 8, groups);
  }

  private static FakeCheckpoint floats(int words, int groups) {
    return new FakeCheckpoint()
        .with(M + ".weight", DType.U32, 8, words)
        .with(M + ".scales", DType.U8, 8, groups);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 128, 8, 1, F16",
    "3, 64, 12, 2, BF16",
    "5, 32, 20, 4, F32",
    "6, 64, 24, 2, F16",
    "8, 128, 32, 1, BF16"
  })
  void width_group_and_type_of_scales_come_from_configuration_and_tensors(
      int bits, int group, int words, int groups, DType type) throws IOException {
    ModelConfig c = config("{\"group_size\":%d,\"bits\":%d}".formatted(group, bits));
    PackedModule m = MLX.modules(c, affine(M, type, words, groups)).get(M);
    assertThat(m.packing()).isEqualTo(MlxAffine.of(bits, group, ScaleType.of(type)));
    assertThat(m.rows()).isEqualTo(8);
    assertThat(m.cols()).isEqualTo(128);
  }

  @Test
  void an_entry_of_a_module_takes_nothing_from_the_object_around_it() throws IOException {
    ModelConfig c =
        config("{\"mode\":\"mxfp4\",\"bits\":4,\"group_size\":32,\"" + M + "\":{\"bits\":8}}");
    assertThat(MLX.modules(c, affine(M, DType.BF16, 32, 2)).get(M).packing())
        .isEqualTo(MlxAffine.of(8, 64, ScaleType.BF16));
  }

  @Test
  void null_means_the_default_of_the_mode() throws IOException {
    ModelConfig affine = config("{\"bits\":null,\"group_size\":null,\"mode\":null}");
    assertThat(MLX.modules(affine, affine(M, DType.F16, 16, 2)).get(M).packing())
        .isEqualTo(MlxAffine.of(4, 64, ScaleType.F16));
    ModelConfig nvfp4 = config("{\"bits\":null,\"group_size\":null,\"mode\":\"nvfp4\"}");
    assertThat(MLX.modules(nvfp4, floats(16, 8)).get(M).packing()).isEqualTo(MlxFloat.NVFP4);
  }

  @Test
  void true_is_the_object_around_it_and_false_a_dense_module() throws IOException {
    ModelConfig c = config("{\"mode\":\"mxfp8\",\"" + M + "\":true,\"lm_head\":false}");
    FakeCheckpoint checkpoint = floats(32, 4).with("lm_head.weight", DType.BF16, 8, 128);
    assertThat(MLX.modules(c, checkpoint).get(M).packing()).isEqualTo(MlxFloat.MXFP8);
    assertThat(MLX.modules(c, checkpoint)).containsOnlyKeys(M);
    fails(
        ErrorCode.CONFIG_MALFORMED,
        () -> MLX.modules(c, affine("lm_head", DType.BF16, 16, 2)),
        "lm_head",
        "not quantized");
  }

  @Test
  void experts_are_presented_one_by_one() throws IOException {
    String stacked = "model.layers.0.mlp.switch_mlp.down_proj";
    ModelConfig c = config("{\"bits\":4,\"group_size\":32,\"" + stacked + "\":{\"bits\":8}}");
    FakeCheckpoint checkpoint =
        new FakeCheckpoint()
            .with(stacked + ".weight", DType.U32, 3, 8, 32)
            .with(stacked + ".scales", DType.BF16, 3, 8, 2)
            .with(stacked + ".biases", DType.BF16, 3, 8, 2);
    Map<String, PackedModule> modules = MLX.modules(c, checkpoint);
    assertThat(modules)
        .containsOnlyKeys(
            "model.layers.0.mlp.experts.0.down_proj",
            "model.layers.0.mlp.experts.1.down_proj",
            "model.layers.0.mlp.experts.2.down_proj");
    PackedModule last = modules.get("model.layers.0.mlp.experts.2.down_proj");
    assertThat(last.packing()).isEqualTo(MlxAffine.of(8, 64, ScaleType.BF16));
    assertThat(last.cols()).isEqualTo(128);
    assertThat(last.planes().get(1)).isEqualTo(new StoredPlane(stacked + ".scales", 2, 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"bits\":0,\"group_size\":64}",
        "{\"bits\":9,\"group_size\":64}",
        "{\"bits\":7,\"group_size\":64}",
        "{\"bits\":\"x\",\"group_size\":64}",
        "{\"bits\":4.5,\"group_size\":64}",
        "{\"bits\":4,\"group_size\":0}",
        "{\"bits\":4,\"group_size\":-5}",
        "{\"bits\":4,\"group_size\":7}",
        "{\"bits\":4,\"group_size\":99999999999}",
        "{\"bits\":4,\"group_size\":64,\"mode\":4}",
        "{\"bits\":8,\"group_size\":32,\"mode\":\"mxfp4\"}",
        "{\"bits\":4,\"group_size\":32,\"mode\":\"nvfp4\"}",
        "{\"bits\":4,\"group_size\":64,\"model.layers.0.mlp.up_proj\":\"yes\"}",
        "{\"bits\":4,\"group_size\":64,\"model.layers.0.mlp.up_proj\":{\"bits\":1}}",
      })
  void numbers_that_mlx_does_not_have_are_refused(String quantization) throws IOException {
    ModelConfig c = config(quantization);
    fails(
        ErrorCode.CONFIG_MALFORMED,
        () -> MLX.modules(c, affine(M, DType.BF16, 16, 2)),
        "config.json");
  }

  @Test
  void an_unknown_mode_is_refused_by_name() throws IOException {
    ModelConfig c = config("{\"mode\":\"nf4\"}");
    fails(ErrorCode.REFUSED_FORMAT, () -> MLX.modules(c, affine(M, DType.BF16, 16, 2)), "nf4");
  }

  @Test
  void tensors_that_do_not_fit_the_configuration_are_refused() throws IOException {
    ModelConfig c = config("{\"bits\":3,\"group_size\":64}");
    fails(ErrorCode.TENSOR_MISMATCH, () -> MLX.modules(c, affine(M, DType.BF16, 16, 2)), "[8, 16]");
    fails(ErrorCode.TENSOR_MISMATCH, () -> MLX.modules(c, affine(M, DType.BF16, 12, 3)), "scales");
    fails(ErrorCode.TENSOR_MISMATCH, () -> MLX.modules(c, affine(M, DType.I32, 12, 2)), "I32");
    fails(
        ErrorCode.TENSOR_MISSING,
        () -> MLX.modules(c, floats(12, 2).without(M + ".weight")),
        ".weight");
    fails(
        ErrorCode.TENSOR_MISMATCH,
        () -> MLX.modules(c, floats(12, 2).without(M + ".scales")),
        "no " + M + ".scales");
    FakeCheckpoint stack = new FakeCheckpoint().with(M + ".weight", DType.U32, 2, 8, 12);
    fails(
        ErrorCode.TENSOR_MISMATCH,
        () -> MLX.modules(c, stack.with(M + ".scales", DType.BF16, 2, 8, 2)),
        "switch_mlp");
  }

  @Test
  void integers_keep_width_group_and_scale_type_and_other_grids_have_no_place() {
    assertThat(MLX.packingFor(new IntScheme(4, 128, ScaleType.F16, Zero.POINT), DType.BF16))
        .contains(MlxAffine.of(4, 128, ScaleType.F16));
    assertThat(MLX.packingFor(new IntScheme(8, 32, ScaleType.BF16, Zero.NONE), DType.F32))
        .contains(MlxAffine.of(8, 32, ScaleType.BF16));
    assertThat(MLX.packingFor(Nvfp4Scheme.SINGLE_LEVEL, DType.BF16)).contains(MlxFloat.NVFP4);
    for (Scheme none :
        new Scheme[] {
          Nvfp4Scheme.INSTANCE,
          new IntScheme(7, 64, ScaleType.F16, Zero.NONE),
          new IntScheme(4, 16, ScaleType.F16, Zero.NONE),
          new IntScheme(4, GroupScheme.WHOLE, ScaleType.F16, Zero.NONE)
        }) {
      assertThat(MLX.packingFor(none, DType.BF16)).as(none.name()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"affine-5bit-g128", "mixed_4_6", "nvfp4"})
  void the_configuration_says_the_same_as_that_of_the_peer(String pack) throws IOException {
    Path peer = Shared.path("packs", "mlx", pack);
    ModelConfig source = ModelConfigs.read(Shared.path("packs", "base", "qwen3-2l"));
    ModelConfig theirs = ModelConfigs.read(peer);
    TreeMap<String, StoredAs> packed = new TreeMap<>();
    try (Checkpoint checkpoint = Containers.open(peer)) {
      MLX.modules(theirs, checkpoint)
          .values()
          .forEach(m -> packed.put(m.stem(), new StoredAs("X", m.packing(), Activations.NONE)));
      ObjectNode ours =
          MLX.describe(source, new ModuleLayout(packed, new TreeSet<>())).get("config.json");
      assertThat(ours.get("quantization_config")).isEqualTo(ours.get("quantization"));
      assertThat(ours.propertyNames()).containsExactlyElementsOf(theirs.root().propertyNames());
      if (!pack.equals("mixed_4_6")) {
        assertThat(ours).isEqualTo(theirs.root());
      }
      Files.writeString(folder.resolve("config.json"), ours.toString());
      Map<String, PackedModule> again = MLX.modules(ModelConfigs.read(folder), checkpoint);
      again.forEach((name, m) -> assertThat(m.packing()).isEqualTo(packed.get(name).packing()));
      assertThat(again).hasSameSizeAs(packed);
    }
  }
}
