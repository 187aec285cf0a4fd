package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import io.metalmarlin.tests.synthetic.SyntheticCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticShape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Block types of llama.cpp with the importance of columns, from a file and from calibration.
class ImatrixTest {
  private static final Map<String, String> PARTS =
      Map.of(
          "self_attn.q_proj", "attn_q",
          "self_attn.k_proj", "attn_k",
          "self_attn.v_proj", "attn_v",
          "self_attn.o_proj", "attn_output",
          "mlp.gate_proj", "ffn_gate",
          "mlp.up_proj", "ffn_up",
          "mlp.down_proj", "ffn_down");

  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({"convert", "quantize"})
  void every_row_is_encoded_with_the_importance_of_its_columns(String command) throws IOException {
    Path file = importance(Map.of());
    Path out = work.resolve("out");
    Object[] arguments =
        command.equals("convert")
            ? convert(out, "--scheme", "Q4_0", "--imatrix", file)
            : quantize(out, "--scheme", "Q4_0", "--imatrix", file);

    Cli.run(arguments).ok();

    var source = RawCheckpoint.of(Models.twoBlocks()).tensors();
    try (GgufCheckpoint written = Gguf.INSTANCE.open(out.resolve("model.gguf"))) {
      for (String module : Models.linears(2)) {
        float[] w = source.get(module + ".weight").floats();
        float[] columns = columns(module);
        byte[] expected = new byte[w.length / 32 * 18];
        for (int row = 0; row < w.length / columns.length; row++) {
          BlockCodecs.of(DType.Q4_0)
              .encodeRow(
                  w,
                  row * columns.length,
                  columns.length,
                  columns,
                  0,
                  expected,
                  row * columns.length / 32 * 18);
        }
        assertThat(written.bytes(tensor(module)).toArray(ValueLayout.JAVA_BYTE))
            .as(module)
            .isEqualTo(expected);
      }
    }
    JsonNode manifest = new ObjectMapper().readTree(out.resolve("marlin-manifest.json").toFile());
    JsonNode told =
        command.equals("convert") ? manifest.at("/convert/imatrix") : manifest.get("imatrix");
    assertThat(told.get("sha256").asString()).hasSize(64);
    assertThat(told.get("entries").asInt()).isEqualTo(14);
  }

  @ParameterizedTest
  @CsvSource({"convert", "quantize"})
  void a_weight_without_importance_is_named(String command) throws IOException {
    String module = "model.layers.1.mlp.up_proj";
    Path file = importance(Map.of(module, new float[0]));
    Path out = work.resolve("out");
    Object[] arguments =
        command.equals("convert")
            ? convert(out, "--scheme", "Q4_0", "--imatrix", file, "--json")
            : quantize(out, "--scheme", "Q4_0", "--imatrix", file, "--json");

    Run run = Cli.run(arguments).ok();

    assertThat(run.json().at("/warnings/0/code").asString()).isEqualTo("W304");
    assertThat(run.json().at("/warnings/0/where").asString()).isEqualTo(module);
    JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
    assertThat(report.at("/warnings/0/where").asString()).isEqualTo(module);
  }

  @Test
  void an_entry_of_another_width_and_a_file_of_another_model_are_refused() throws IOException {
    Path wrong = importance(Map.of("model.layers.1.mlp.up_proj", new float[] {1, 2, 3}));
    Run width = Cli.run(convert(work.resolve("a"), "--scheme", "Q4_0", "--imatrix", wrong));
    assertThat(width.exit()).isEqualTo(5);
    assertThat(width.err()).contains("E507", "blk.1.ffn_up.weight", "has 3 values");

    Path other = dat(new TreeMap<>(Map.of("blk.9.other.weight", new float[] {1})));
    Run none = Cli.run(quantize(work.resolve("b"), "--scheme", "Q4_0", "--imatrix", other));
    assertThat(none.exit()).isEqualTo(5);
    assertThat(none.err()).contains("E506", "none of its 1 entries", "blk.9.other.weight");
  }

  @Test
  void calibration_gives_the_importance() throws IOException {
    Path out = work.resolve("out");
    Object[] flags = {"--scheme", "Q4_0", "--method", "imatrix", "--samples", 4, "--seq-len", 64};
    Cli.run(quantize(out, flags)).ok();

    JsonNode layers =
        new ObjectMapper().readTree(out.resolve("report.json").toFile()).get("layers");
    assertThat(layers.size()).isEqualTo(14);
    for (JsonNode layer : layers) {
      assertThat(layer.get("method").asString()).isEqualTo("imatrix");
      assertThat(layer.get("scheme").asString()).isEqualTo("Q4_0");
      assertThat(layer.get("calibrationTokens").asInt()).isEqualTo(256);
      assertThat(layer.get("relativeHessianError").asDouble()).isBetween(1e-4, .02);
    }
  }

  @Test
  void widths_that_are_no_whole_super_block_get_the_type_that_llama_cpp_gives_them()
      throws IOException {
    Path out = work.resolve("out");
    Path model = work.resolve("narrow");
    SyntheticShape shape = new SyntheticShape("qwen3", 2, 64, 80, 4, 2, 16, 512);
    SyntheticCheckpoint.write(model, shape, 1, 1 << 20, Models.twoBlocks());
    Object[] arguments = {
      "quantize",
      model,
      "-o",
      out,
      "--target",
      "llama.cpp",
      "--scheme",
      "Q4_K",
      "--method",
      "rtn",
      "--eval-windows",
      0
    };

    Cli.run(arguments).ok();

    JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
    JsonNode manifest = new ObjectMapper().readTree(out.resolve("marlin-manifest.json").toFile());
    assertThat(manifest.get("fallbacks")).isNotEmpty().isEqualTo(report.get("warnings"));
    for (JsonNode w : report.get("warnings")) {
      assertThat(w.get("code").asString()).isEqualTo("W306");
      boolean down = w.get("where").asString().endsWith("down_proj");
      assertThat(w.get("message").asString())
          .contains("no multiple of 256", down ? "stays in its source type" : "becomes Q5_0");
    }
    try (GgufCheckpoint written = Gguf.INSTANCE.open(out.resolve("model.gguf"))) {
      assertThat(written.tensors().get("blk.0.attn_q.weight").dtype()).isEqualTo(DType.Q5_0);
      assertThat(written.tensors().get("blk.0.ffn_down.weight").dtype()).isEqualTo(DType.BF16);
    }
    Object[] strict = java.util.Arrays.copyOf(arguments, arguments.length + 2);
    strict[arguments.length] = "--no-fallback";
    strict[arguments.length + 1] = "--overwrite";
    Run refused = Cli.run(strict);
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.err()).contains("E331");
  }

  @ParameterizedTest
  @CsvSource({
    "--method gptq, cannot fill blocks of Q4_K",
    "--method mr-gptq, cannot fill blocks of Q4_K",
    "--scheme Q8_0 --method imatrix, weighs no columns",
    "--scheme W4A16 --method imatrix, is no block type",
    "--method imatrix --scales absmax, decides by itself",
    "--method imatrix --damp 0.1, decides by itself",
    "--group-size 32, blocks of a fixed size",
    "--target vllm, no byte layout for blocks of ggml",
    "--method rtn --imatrix none.dat, has no effect with --method rtn",
    "--samples 4 --imatrix none.dat, stands in for calibration",
    "--imatrix none.dat, there is no such file"
  })
  void what_cannot_be_is_refused_by_name(String flags, String message) {
    List<Object> arguments = new java.util.ArrayList<>(List.of(quantize(work.resolve("out"))));
    if (!flags.contains("--scheme")) {
      arguments.addAll(List.of("--scheme", "Q4_K"));
    }
    arguments.addAll(List.of(flags.split(" ")));
    if (flags.contains("--target")) {
      int at = arguments.indexOf("--target");
      arguments.remove(at);
      arguments.remove(at);
    }
    Run run = Cli.run(arguments.toArray());
    assertThat(run.exit()).isNotZero();
    assertThat(run.err()).contains(message);
  }

  @Test
  void convert_refuses_a_file_that_nothing_uses() throws IOException {
    Run run =
        Cli.run(
            convert(work.resolve("out"), "--scheme", "Q8_0", "--imatrix", importance(Map.of())));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .contains("E201", "no matrix is rounded to a type that uses an importance");
  }

  private static Object[] convert(Path out, Object... flags) {
    List<Object> all =
        new java.util.ArrayList<>(
            List.of("convert", Models.twoBlocks(), "-o", out, "--to", "gguf", "--allow-lossy"));
    all.addAll(List.of(flags));
    return all.toArray();
  }

  private static Object[] quantize(Path out, Object... flags) {
    List<Object> all =
        new java.util.ArrayList<>(
            List.of("quantize", Models.twoBlocks(), "-o", out, "--eval-windows", 0));
    all.addAll(List.of("--target", "llama.cpp"));
    all.addAll(List.of(flags));
    return all.toArray();
  }

  private static String tensor(String module) {
    String[] parts = module.split("\\.", 4);
    return "blk." + parts[2] + "." + PARTS.get(parts[3]) + ".weight";
  }

  /// The mean squares that the test's file has for a module.
  private static float[] columns(String module) throws IOException {
    List<Long> shape =
        RawCheckpoint.of(Models.twoBlocks()).tensors().get(module + ".weight").shape();
    float[] values = new float[Math.toIntExact(shape.getLast())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (1 + (i * 7919 + module.hashCode() & 1023)) / 64f;
    }
    return values;
  }

  /// A file with an entry for every linear.
  ///
  /// @param instead of the values above; an empty array leaves the entry out
  private Path importance(Map<String, float[]> instead) throws IOException {
    TreeMap<String, float[]> entries = new TreeMap<>();
    for (String module : Models.linears(2)) {
      float[] values = instead.getOrDefault(module, columns(module));
      if (values.length > 0) {
        entries.put(tensor(module), values);
      }
    }
    return dat(entries);
  }

  private Path dat(TreeMap<String, float[]> entries) throws IOException {
    int size =
        4
            + entries.entrySet().stream()
                .mapToInt(e -> 12 + e.getKey().length() + 4 * e.getValue().length)
                .sum();
    ByteBuffer b = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).putInt(entries.size());
    entries.forEach((name, values) -> {
      b.putInt(name.length()).put(name.getBytes()).putInt(1).putInt(values.length);
      for (float v : values) {
        b.putFloat(v);
      }
    });
    return Files.write(work.resolve("imatrix.dat"), b.array());
  }
}
