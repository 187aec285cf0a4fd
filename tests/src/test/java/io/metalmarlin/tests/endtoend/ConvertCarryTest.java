package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.BigEndianGguf;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.NaiveNvfp4;
import io.metalmarlin.tests.support.NaiveSparse24;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What `marlin convert` carries that not every dialect has: 2:4 patterns, groups in the order of
/// activation, and GGUF files in other shapes than one little-endian file.
class ConvertCarryTest {
  @TempDir Path work;

  private Path sparse(String scheme) {
    Path out = work.resolve("sparse");
    List<Object> flags = new ArrayList<>(List.of("quantize", Models.twoBlocks(), "-o", out));
    flags.addAll(List.of("--sparsity", "2:4", "--target", "marlin", "--method", "rtn"));
    flags.addAll(List.of("--sparsity-method", "magnitude", "--scheme", scheme));
    flags.addAll(List.of("--eval-windows", 0));
    Cli.run(flags.toArray()).ok();
    return out;
  }

  @ParameterizedTest
  @CsvSource({"NVFP4A16, compressed-tensors", "NVFP4A16, modelopt", "W4A16, gptq", "W4A16, mlx"})
  void sparse_weights_go_dense_and_into_grids_that_have_a_zero(String scheme, String dialect)
      throws IOException {
    Path source = sparse(scheme);
    Path there = work.resolve("there");
    Run run = Cli.run("convert", source, "-o", there, "--to", dialect, "--json").ok();
    assertThat(run.result().get("lossless").asBoolean()).isTrue();
    RawCheckpoint packed = RawCheckpoint.of(source);
    for (Path from : List.of(source, there)) {
      Path dense = work.resolve("dense-of-" + from.getFileName());
      Cli.run("convert", from, "-o", dense, "--to", "hf", "--dtype", "f32").ok();
      RawCheckpoint plain = RawCheckpoint.of(dense);
      for (String module : Models.linears(2)) {
        // The reciprocal of a tensor scale is rounded once.
        assertThat(
                NaiveNvfp4.relativeError(
                    NaiveNvfp4.dense(plain, module), NaiveSparse24.weight(packed, module)))
            .as("%s %s", from, module)
            .isLessThan(scheme.equals("W4A16") ? 1e-30 : 1e-7);
      }
    }
  }

  @Test
  void sparse_weights_are_refused_where_no_grid_holds_them() {
    Path source = sparse("W4A16");
    Run run = Cli.run("convert", source, "-o", work.resolve("no"), "--to", "modelopt");
    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.err())
        .contains("error[E303]")
        .contains("sparse24-int4")
        .contains("--allow-lossy");
    assertThat(work.resolve("no")).doesNotExist();
  }

  /// A GPTQ pack whose columns take the groups in turn.
  private Path actOrder() throws IOException {
    Path source = work.resolve("gptq");
    Cli.run(
            "convert",
            Shared.path("packs", "autoround", "awq-w4g128"),
            "-o",
            source,
            "--to",
            "gptq")
        .ok();
    for (String name : List.of("config.json", "quantize_config.json")) {
      Path file = source.resolve(name);
      String text = Files.readString(file);
      String changed = text.replaceAll("\"desc_act\"\\s*:\\s*false", "\"desc_act\": true");
      assertThat(changed).isNotEqualTo(text);
      Files.writeString(file, changed);
    }
    Path file = source.resolve("model.safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(bytes.getLong(0));
    JsonNode tensors =
        new ObjectMapper().readTree(new String(bytes.array(), 8, header, StandardCharsets.UTF_8));
    for (var e : tensors.properties()) {
      if (e.getKey().endsWith(".g_idx")) {
        int at = 8 + header + e.getValue().get("data_offsets").get(0).asInt();
        int cols = e.getValue().get("shape").get(0).asInt();
        for (int c = 0; c < cols; c++) {
          bytes.putInt(at + 4 * c, c % (cols / 128));
        }
      }
    }
    Files.write(file, bytes.array());
    return source;
  }

  /// `(code - zero point) * scale` of the group that `g_idx` names; the zero points are all 8.
  private static float[][] naive(RawCheckpoint c, String module) {
    ByteBuffer codes = little(c, module + ".qweight");
    ByteBuffer scales = little(c, module + ".scales");
    ByteBuffer groups = little(c, module + ".g_idx");
    int rows = c.tensors().get(module + ".qweight").shape().get(1).intValue();
    int cols = c.tensors().get(module + ".g_idx").shape().getFirst().intValue();
    float[][] w = new float[rows][cols];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < cols; i++) {
        int code = codes.getInt(4 * (i / 8 * rows + r)) >>> 4 * (i % 8) & 15;
        int at = groups.getInt(4 * i) * rows + r;
        w[r][i] = (code - 8) * Float.float16ToFloat(scales.getShort(2 * at));
      }
    }
    return w;
  }

  private static ByteBuffer little(RawCheckpoint c, String name) {
    return ByteBuffer.wrap(c.tensors().get(name).data()).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void groups_in_the_order_of_activation_go_to_compressed_tensors_and_back() throws IOException {
    Path source = actOrder();
    Path ct = work.resolve("ct");
    Path back = work.resolve("back");
    Run run = Cli.run("convert", source, "-o", ct, "--to", "compressed-tensors", "--json").ok();
    assertThat(run.result().get("lossless").asBoolean()).isTrue();
    Cli.run("convert", ct, "-o", back, "--to", "gptq").ok();
    Path dense = work.resolve("dense");
    Cli.run("convert", ct, "-o", dense, "--to", "hf", "--dtype", "f32").ok();
    JsonNode config = new ObjectMapper().readTree(ct.resolve("config.json").toFile());
    assertThat(config.get("quantization_config").findValue("actorder").asString())
        .isEqualTo("group");
    RawCheckpoint before = RawCheckpoint.of(source);
    RawCheckpoint middle = RawCheckpoint.of(ct);
    RawCheckpoint after = RawCheckpoint.of(back);
    RawCheckpoint plain = RawCheckpoint.of(dense);
    for (String module : Models.linears(2)) {
      byte[] index = before.tensors().get(module + ".g_idx").data();
      assertThat(middle.tensors().get(module + ".weight_g_idx").data()).isEqualTo(index);
      for (String plane : List.of(".qweight", ".scales", ".g_idx", ".qzeros")) {
        assertThat(after.tensors().get(module + plane).data())
            .as(module + plane)
            .isEqualTo(before.tensors().get(module + plane).data());
      }
      assertThat(NaiveNvfp4.dense(plain, module)).isDeepEqualTo(naive(before, module));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"awq", "mlx", "gguf", "modelopt"})
  void where_there_is_no_place_for_them_the_reason_is_named(String dialect) throws IOException {
    Path source = actOrder();
    Run run = Cli.run("convert", source, "-o", work.resolve("no"), "--to", dialect);
    assertThat(run.exit()).as("%s", run).isEqualTo(3);
    assertThat(run.err())
        .contains("error[E303]")
        .contains("groups are in the order of activation (g_idx)")
        .contains("--allow-lossy");
    assertThat(work.resolve("no")).doesNotExist();
  }

  @Test
  void a_missing_tokenizer_is_named_by_the_plan_of_a_gguf_file() {
    Path source = Shared.path("packs", "autoround", "awq-w4g128");
    Run run = Cli.run("convert", source, "-o", work.resolve("no"), "--to", "gguf", "--dry-run");
    assertThat(run.exit()).as("%s", run).isEqualTo(5);
    assertThat(run.err()).contains("error[E501]").contains("tokenizer.json").contains("is missing");
  }

  @Test
  void a_big_endian_gguf_file_gives_what_the_little_endian_one_gives() throws IOException {
    byte[] little =
        Files.readAllBytes(Shared.path("models", "stories260K", "stories260K-f32.gguf"));
    List<RawCheckpoint> found = new ArrayList<>();
    List<String> tokenizers = new ArrayList<>();
    for (boolean big : new boolean[] {false, true}) {
      Path file = work.resolve(big ? "big.gguf" : "little.gguf");
      Files.write(file, big ? BigEndianGguf.of(little) : little);
      Path out = work.resolve("out-" + big);
      Cli.run("convert", file, "-o", out, "--to", "hf", "--dtype", "f32").ok();
      found.add(RawCheckpoint.of(out));
      tokenizers.add(Files.readString(out.resolve("tokenizer.json")));
    }
    sameTensors(found.get(1), found.get(0));
    assertThat(tokenizers.get(1)).isEqualTo(tokenizers.get(0));
  }

  private static void sameTensors(RawCheckpoint ours, RawCheckpoint theirs) {
    assertThat(ours.tensors().keySet()).isEqualTo(theirs.tensors().keySet());
    theirs
        .tensors()
        .forEach(
            (name, t) -> assertThat(ours.tensors().get(name).data()).as(name).isEqualTo(t.data()));
  }

  @Test
  void a_split_gguf_file_gives_what_the_whole_one_gives() throws IOException {
    Path whole = Shared.path("packs", "gguf", "Q4_0");
    Path parts = Files.createDirectory(work.resolve("parts"));
    try (GgufCheckpoint c = Gguf.INSTANCE.open(whole);
        CheckpointWriter w =
            Gguf.INSTANCE.create(
                parts.resolve("model.gguf"),
                List.copyOf(c.tensors().values()),
                c.typedMetadata(),
                200_000)) {
      c.tensors().keySet().forEach(name -> w.write(name, 0, c.bytes(name)));
      w.commit();
    }
    assertThat(Folders.names(parts)).hasSizeGreaterThan(2);
    List<RawCheckpoint> found = new ArrayList<>();
    for (Path source : List.of(whole, parts, parts.resolve(Folders.names(parts).getFirst()))) {
      Path out = work.resolve("out-" + found.size());
      Cli.run("convert", source, "-o", out, "--to", "hf", "--dtype", "f32").ok();
      found.add(RawCheckpoint.of(out));
    }
    sameTensors(found.get(1), found.get(0));
    sameTensors(found.get(2), found.get(0));
  }
}
