package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.gptq.AwqGemvPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// AutoRound's packs under AutoRound's own configuration, and the layout of AWQ's gemv: the values
/// are those that AutoRound's decoder gives.
class AutoRoundDialectTest {
  private static final Pattern KEY = Pattern.compile("(.+)\\.weight\\[(\\d+):(\\d+)]");
  private static final String M = "model.layers.0.mlp.up_proj";

  @TempDir Path folder;

  /// A copy of a pack with another quantization configuration.
  private Path pack(String name, String quantization) throws IOException {
    Path source = Shared.path("packs", "autoround", name);
    ObjectNode config = (ObjectNode) JsonMapper.shared().readTree(source.resolve("config.json"));
    config.set("quantization_config", JsonMapper.shared().readTree(quantization));
    Files.writeString(folder.resolve("config.json"), config.toString());
    Files.write(
        folder.resolve("model.safetensors"),
        Files.readAllBytes(source.resolve("model.safetensors")));
    return folder;
  }

  /// Adds to every byte of one kind of plane in the copied file.
  private void add(String suffix, int more) throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] all = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    var names = JsonMapper.shared().readTree(new String(all, 8, header));
    names
        .properties()
        .forEach(e -> {
          if (e.getKey().endsWith(suffix)) {
            var range = e.getValue().get("data_offsets");
            for (int i = range.get(0).asInt(); i < range.get(1).asInt(); i++) {
              all[8 + header + i] += (byte) more;
            }
          }
        });
    Files.write(file, all);
  }

  private void hasTheValuesOf(String name) throws IOException {
    ModelConfig config = ModelConfigs.read(folder);
    Path expectedFile = Shared.path("packs", "autoround", name).resolve("expected.safetensors");
    try (Checkpoint ours = Containers.open(folder);
        Checkpoint expected = Containers.open(expectedFile)) {
      Map<String, PackedModule> modules = Dialects.of(config, ours).modules(config, ours);
      assertThat(modules).hasSize(14);
      Set<String> seen = new HashSet<>();
      for (TensorInfo t : expected.tensors().values()) {
        Matcher k = KEY.matcher(t.name());
        if (k.matches() && modules.containsKey(k.group(1))) {
          PackedModule module = modules.get(k.group(1));
          int from = Integer.parseInt(k.group(2));
          int to = Integer.parseInt(k.group(3));
          float[] values = new float[(to - from) * module.cols()];
          module.matrix(ours).decode(from, to, values);
          float[] theirs = new float[values.length];
          Floats.widen(t.dtype(), expected.bytes(t.name()), 0, theirs, 0, theirs.length);
          for (int i = 0; i < values.length; i++) {
            assertThat(Math.abs(values[i] - theirs[i]))
                .as("%s %d", t.name(), i)
                .isLessThanOrEqualTo(Math.ulp(theirs[i]));
          }
          seen.add(k.group(1));
        }
      }
      assertThat(seen).hasSize(2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gptq-w4g128, auto_round:auto_gptq, 0",
    "gptq-w4g128, auto_round:gptqmodel, 0x11",
    "gptq-w4g128, auto_round, 0x11",
    "awq-w4g128, auto_round:auto_awq, 0"
  })
  void integers_are_read_by_what_the_packing_format_says_of_zero_points(
      String name, String format, String more) throws IOException {
    for (boolean symmetric : new boolean[] {true, false}) {
      pack(
          name,
          """
          {"quant_method": "auto-round", "packing_format": "%s", "bits": 4, "group_size": 128,
           "sym": %s, "data_type": "int", "extra_config": {"lm_head": {"bits": 16}}}
          """
              .formatted(format, symmetric));
      add(".qzeros", Integer.decode(more));
      hasTheValuesOf(name);
    }
  }

  @Test
  void the_planes_of_compressed_tensors_are_read() throws IOException {
    pack(
        "nvfp4-llm_compressor",
        """
        {"quant_method": "auto-round", "packing_format": "auto_round:llm_compressor", "bits": 4,
         "group_size": 16, "sym": true, "data_type": "nv_fp", "act_bits": 4}
        """);
    hasTheValuesOf("nvfp4-llm_compressor");
  }

  @Test
  void zero_points_of_the_other_convention_are_named() throws IOException {
    pack(
        "gptq-w4g128",
        """
        {"quant_method": "auto-round", "packing_format": "auto_round:gptqmodel", "bits": 4,
         "group_size": 128, "sym": true}
        """);
    assertThatThrownBy(() -> hasTheValuesOf("gptq-w4g128"))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("holds zero point 7");
  }

  private Map<String, PackedModule> modules(String more, FakeCheckpoint checkpoint)
      throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"quantization_config\":{\"quant_method\":\"auto-round\"," + more + "}}");
    ModelConfig config = ModelConfigs.read(folder);
    assertThat(Dialects.of(config, checkpoint).name()).isEqualTo("auto-round");
    return Dialects.of(config, checkpoint).modules(config, checkpoint);
  }

  /// 64 outputs of 128 inputs.
  private static FakeCheckpoint with(FakeCheckpoint checkpoint, String stem, int bits, int groups) {
    return checkpoint
        .with(stem + ".qweight", DType.I32, 128 * bits / 32, 64)
        .with(stem + ".qzeros", DType.I32, groups, 64 * bits / 32)
        .with(stem + ".scales", DType.F16, groups, 64);
  }

  @Test
  void modules_of_another_width_are_told_by_their_planes() throws IOException {
    FakeCheckpoint c = with(new FakeCheckpoint(), M, 4, 2);
    with(c, "model.layers.1.mlp.up_proj", 8, 4).with("lm_head.weight", DType.F16, 64, 128);
    String common = "\"packing_format\":\"auto_round:auto_gptq\",\"bits\":4,\"group_size\":64";
    String extra = "\"model.layers.1.mlp.up_proj\":{\"bits\":8,\"group_size\":32}";
    Map<String, PackedModule> found =
        modules(
            common + ",\"sym\":true,\"extra_config\":{" + extra + ",\"lm_head\":{\"bits\":16}}", c);
    assertThat(found).hasSize(2);
    assertThat(((GptqPacking) found.get("model.layers.1.mlp.up_proj").packing()).scheme())
        .isEqualTo(new IntScheme(8, 32, ScaleType.F16, Zero.NONE));
    assertThat(((GptqPacking) found.get(M).packing()).version()).isEqualTo(Version.V1);
    String asymmetric = extra.replace("}", ",\"sym\":false}");
    assertThat(modules(common + ",\"sym\":true,\"extra_config\":{" + asymmetric + "}", c).values())
        .allSatisfy(
            m -> assertThat(((GptqPacking) m.packing()).scheme().zero()).isEqualTo(Zero.POINT));
    fails(ErrorCode.TENSOR_MISMATCH, common, c, "8 bits");
  }

  @Test
  void older_files_name_the_layout_in_backend() throws IOException {
    FakeCheckpoint c = with(new FakeCheckpoint(), M, 4, 2);
    String old =
        "\"bits\":4,\"group_size\":64,\"sym\":true,\"backend\":\"autoround:gptq:exllamav2\"";
    assertThat(((GptqPacking) modules(old, c).get(M).packing()).version()).isEqualTo(Version.V1);
  }

  private void fails(ErrorCode code, String more, FakeCheckpoint c, String said) {
    assertThatThrownBy(() -> modules(more, c))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.getMessage()).contains(said);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "CONFIG_MALFORMED; ; packing_format is missing",
        "CONFIG_MALFORMED; ,\"packing_format\":3; packing_format should be",
        "REFUSED_FORMAT; ,\"packing_format\":\"auto_round:fp8\"; auto_round:fp8",
        "REFUSED_FORMAT; ,\"packing_format\":\"auto_round:tritonv2\"; tritonv2",
        "REFUSED_FORMAT; ,\"packing_format\":\"auto_round\",\"data_type\":\"mx_fp\"; mx_fp",
        "REFUSED_FORMAT; ,\"packing_format\":\"auto_round\",\"act_bits\":8; act_bits 8"
      })
  void what_is_not_known_is_refused_by_name(ErrorCode code, String more, String said) {
    String all = "\"bits\":4,\"group_size\":64" + (more == null ? "" : more);
    fails(code, all, with(new FakeCheckpoint(), M, 4, 2), said);
  }

  /// The published packing of AutoAWQ's gemv, word by word, from the codes of the gemm layout.
  @ParameterizedTest
  @CsvSource({"128, 768, 1", "64, 768, 2", "32, 256, 4", "128, 2560, 3"})
  void gemv_is_read_as_it_is_published(int group, int cols, int words) {
    int rows = 16;
    int groups = cols / group;
    AwqGemvPacking packing = new AwqGemvPacking(new IntScheme(4, group, ScaleType.F16, Zero.POINT));
    assertThat(packing.planes(rows, cols).get(1).shape()).isEqualTo(List.of(16L, (long) words));
    int[] qweight = new int[rows * cols / 8];
    int[] qzeros = new int[rows * words];
    short[] scales = new short[rows * words * 8];
    float[] expected = new float[rows * cols];
    for (int r = 0; r < rows; r++) {
      for (int g = 0; g < groups; g++) {
        qzeros[r * words + g / 8] |= zero(r, g) << 4 * (g % 8);
        scales[r * words * 8 + g] = Float.floatToFloat16(scale(r, g));
      }
      for (int c = 0; c < cols; c++) {
        int code = (r * 7 + c * 5 + c / 16) & 15;
        qweight[(r * cols + c) / 8] |= code << 4 * (c % 8);
        expected[r * cols + c] = (code - zero(r, c / group)) * scale(r, c / group);
      }
    }
    float[] ours = new float[rows * cols];
    packing
        .decode(List.of(bytes(qweight), bytes(qzeros), bytes(scales)), rows, cols)
        .decode(0, rows, ours);
    assertThat(ours).isEqualTo(expected);
  }

  private static int zero(int row, int group) {
    return (row * 3 + group * 5 + 1) & 15;
  }

  private static float scale(int row, int group) {
    return (1 + row + 2 * group) / 64f;
  }

  private static MemorySegment bytes(int[] words) {
    ByteBuffer b = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asIntBuffer().put(words);
    return MemorySegment.ofArray(b.array());
  }

  private static MemorySegment bytes(short[] values) {
    MemorySegment s = MemorySegment.ofArray(new byte[2 * values.length]);
    MemorySegment.copy(values, 0, s, ValueLayout.JAVA_SHORT_UNALIGNED, 0, values.length);
    return s;
  }

  @Test
  void gemv_needs_a_group_size_that_its_kernel_has() throws IOException {
    FakeCheckpoint c =
        new FakeCheckpoint()
            .with(M + ".qweight", DType.I32, 64, 16)
            .with(M + ".qzeros", DType.I32, 64, 1)
            .with(M + ".scales", DType.F16, 64, 8);
    String awq =
        "{\"quantization_config\":{\"quant_method\":\"awq\",\"version\":\"gemv\",\"bits\":4,";
    Files.writeString(folder.resolve("config.json"), awq + "\"group_size\":128}}");
    ModelConfig config = ModelConfigs.read(folder);
    PackedModule m = new AwqDialect().modules(config, c).get(M);
    assertThat(m.rows()).isEqualTo(64);
    assertThat(m.cols()).isEqualTo(128);
    Files.writeString(folder.resolve("config.json"), awq + "\"group_size\":16}}");
    ModelConfig small = ModelConfigs.read(folder);
    assertThatThrownBy(() -> new AwqDialect().modules(small, c))
        .hasMessageContaining("group_size is 16");
    // Half the words that a group size of 64 asks for.
    Files.writeString(folder.resolve("config.json"), awq + "\"group_size\":64}}");
    ModelConfig other = ModelConfigs.read(folder);
    assertThatThrownBy(() -> new AwqDialect().modules(other, c)).hasMessageContaining("shape");
  }
}
