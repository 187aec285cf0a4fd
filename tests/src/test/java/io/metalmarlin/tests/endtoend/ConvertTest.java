package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Packs of other tools converted: dense values are the peers' own, and where the report says
/// lossless the bytes that come back are those that went in.
class ConvertTest {
  private static final Pattern SLICE = Pattern.compile("(.*?)(?:\\[(\\d+)])?\\[(\\d+):(\\d+)]");
  private static final Map<String, String> GGUF_NAMES =
      Map.of(
          "token_embd", "model.embed_tokens",
          "attn_k", "self_attn.k_proj",
          "ffn_down", "mlp.down_proj");

  @TempDir Path work;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ct/NVFP4",
        "ct/NVFP4A16-2l",
        "ct/MXFP4A16",
        "ct/W4A16-GPTQ",
        "ct/W4A16_ASYM",
        "ct/W3A16",
        "ct/INT8",
        "ct/FP8_BLOCK",
        "ct/FP8_DYNAMIC",
        "modelopt/NVFP4",
        "mlx/affine-3bit-g64",
        "mlx/affine-4bit-g64",
        "mlx/affine-5bit-g128",
        "mlx/affine-6bit-g64",
        "mlx/affine-8bit-g64",
        "mlx/mixed_4_6",
        "mlx/mxfp4",
        "mlx/mxfp8",
        "mlx/nvfp4",
        "autoround/gptq-w4g128",
        "autoround/awq-w4g128",
        "autoround/nvfp4-llm_compressor",
        "gguf/Q8_0",
        "gguf/Q6_K",
        "gguf/Q5_1",
        "gguf/Q4_0",
        "gguf/Q3_K_M",
        "gguf/IQ4_XS",
        "gguf/IQ3_M",
        "gguf/TQ2_0",
        "gguf/MXFP4",
        "gguf/NVFP4",
        "gguf/Q4_K_M",
        "ct/NVFP4A16"
      })
  void denseValuesOfAPackAreThePeersOwn(String pack) throws IOException {
    Path source = pack(pack);
    Path out = work.resolve("dense");
    Run run = Cli.run("convert", source, "-o", out, "--to", "hf", "--dtype", "f32", "--json").ok();
    assertThat(run.result().get("lossless").asBoolean()).isTrue();
    RawCheckpoint dense = RawCheckpoint.of(out);
    RawCheckpoint expected = RawCheckpoint.file(source.resolve("expected.safetensors"));
    int compared = 0;
    for (var e : expected.tensors().entrySet()) {
      if (!e.getKey().contains("#")) {
        assertSame(e.getKey(), e.getValue().floats(), dense, oneUlp(pack));
        compared++;
      }
    }
    assertThat(compared).isPositive();
  }

  /// Where the order of two multiplications is free (`e2m1 * (e4m3 / gs)`).
  private static boolean oneUlp(String pack) {
    return pack.contains("NVFP4") || pack.contains("nvfp4");
  }

  private static void assertSame(String key, float[] wanted, RawCheckpoint dense, boolean ulp) {
    Matcher m = SLICE.matcher(key);
    assertThat(m.matches()).as(key).isTrue();
    RawCheckpoint.Tensor tensor = dense.tensors().get(huggingFace(m.group(1)));
    assertThat(tensor).as(key).isNotNull();
    int cols = tensor.shape().getLast().intValue();
    int from = Integer.parseInt(m.group(3)) * cols;
    float[] got = Arrays.copyOfRange(tensor.floats(), from, from + wanted.length);
    for (int i = 0; i < wanted.length; i++) {
      if (Math.abs(got[i] - wanted[i]) > (ulp ? Math.ulp(wanted[i]) : 0)) {
        throw new AssertionError(key + " element " + i + ": " + got[i] + " for " + wanted[i]);
      }
    }
  }

  private static String huggingFace(String name) {
    String stem = name.substring(0, name.lastIndexOf('.'));
    if (!stem.startsWith("blk.") && !GGUF_NAMES.containsKey(stem)) {
      return name;
    }
    String last = stem.substring(stem.lastIndexOf('.') + 1);
    String layer = stem.startsWith("blk.") ? "model.layers." + stem.split("\\.")[1] + "." : "";
    return layer + GGUF_NAMES.get(last) + ".weight";
  }

  @ParameterizedTest
  @CsvSource({
    "ct/NVFP4A16-2l, modelopt, compressed-tensors",
    "ct/NVFP4, modelopt, compressed-tensors",
    "modelopt/NVFP4, compressed-tensors, modelopt",
    "mlx/mxfp4, compressed-tensors, mlx",
    "autoround/gptq-w4g128, compressed-tensors, gptq",
    "autoround/gptq-w4g128, awq, gptq",
    "autoround/awq-w4g128, gptq, awq",
    "autoround/awq-w4g128, compressed-tensors, awq",
  })
  void packGoesToAnotherDialectAndBackWithTheSameBytes(String pack, String there, String back)
      throws IOException {
    Path source = pack(pack);
    Path middle = work.resolve("middle");
    Path end = work.resolve("end");
    lossless(source, middle, there);
    lossless(middle, end, back);
    RawCheckpoint before = RawCheckpoint.of(source);
    RawCheckpoint after = RawCheckpoint.of(end);
    before
        .tensors()
        .forEach((name, tensor) -> {
          // A tensor scale is its reciprocal's reciprocal; a default group index is no weight.
          if (!name.contains("scale_2")
              && !name.contains("global_scale")
              && !name.endsWith("input_scale")
              && !name.endsWith("g_idx")
              && !embedding(name)) {
            assertThat(after.tensors()).as(name).containsKey(name);
            assertThat(after.tensors().get(name).data()).as(name).isEqualTo(tensor.data());
          }
        });
  }

  private static boolean embedding(String name) {
    return name.contains("embed_tokens");
  }

  @ParameterizedTest
  @CsvSource({
    "mlx/nvfp4, compressed-tensors",
    "mlx/nvfp4, modelopt",
    "mlx/mxfp4, compressed-tensors",
    "gguf/Q4_0, mlx",
    "gguf/Q8_0, mlx",
    "gguf/Q5_1, mlx",
    "gguf/MXFP4, mlx",
    "gguf/NVFP4-from-ct, modelopt",
    "ct/W4A16-GPTQ, mlx",
    "autoround/gptq-w4g128, mlx",
    "autoround/awq-w4g128, mlx",
  })
  void losslessConversionDecodesToTheSameNumbers(String pack, String to) throws IOException {
    Path source = pack(pack);
    Path converted = work.resolve("converted");
    Run run = Cli.run("convert", source, "-o", converted, "--to", to, "--allow-lossy", "--json");
    run.ok();
    Path a = dense(source, "a");
    Path b = dense(converted, "b");
    RawCheckpoint before = RawCheckpoint.of(a);
    RawCheckpoint after = RawCheckpoint.of(b);
    int compared = 0;
    for (var t : run.result().get("tensors")) {
      if (t.get("action").asString().equals("repack")) {
        String name = t.get("name").asString() + ".weight";
        assertThat(after.tensors().get(name).floats())
            .as(name)
            .usingComparator(ConvertTest::compare)
            .isEqualTo(before.tensors().get(name).floats());
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(10);
  }

  /// 0 where all numbers are equal, whatever the sign of a zero.
  private static int compare(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (a[i] != b[i]) {
        return i + 1;
      }
    }
    return a.length - b.length;
  }

  private Path dense(Path source, String name) {
    Path out = work.resolve(name);
    Cli.run("convert", source, "-o", out, "--to", "hf", "--dtype", "f32").ok();
    return out;
  }

  private static void lossless(Path source, Path out, String to) {
    Run run = Cli.run("convert", source, "-o", out, "--to", to, "--json").ok();
    assertThat(run.result().get("lossless").asBoolean()).as(to).isTrue();
  }

  @Test
  void threadsDoNotChangeTheBytes() throws IOException {
    Path source = pack("mlx/affine-4bit-g64");
    for (int threads : new int[] {1, 3}) {
      Object[] common = {"convert", source, "-o", work.resolve("t" + threads)};
      Cli.run(
              common[0],
              common[1],
              common[2],
              common[3],
              "--to",
              "modelopt",
              "--scheme",
              "NVFP4A16",
              "--allow-lossy",
              "--threads",
              threads)
          .ok();
    }
    assertThat(Folders.modelHashes(work.resolve("t1")))
        .isEqualTo(Folders.modelHashes(work.resolve("t3")));
  }

  @Test
  void roundingIsRefusedUnlessAllowedAndSaysWhatItWouldRoundTo() throws IOException {
    Path source = pack("mlx/affine-4bit-g64");
    Run refused = Cli.run("convert", source, "-o", work.resolve("no"), "--to", "modelopt");
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.err()).contains("E303").contains("--allow-lossy");
    assertThat(Files.exists(work.resolve("no"))).isFalse();
    Run allowed =
        Cli.run(
                "convert",
                source,
                "-o",
                work.resolve("yes"),
                "--to",
                "modelopt",
                "--allow-lossy",
                "--json")
            .ok();
    assertThat(allowed.result().get("lossless").asBoolean()).isFalse();
    assertThat(allowed.result().get("worst").get(0).get("relative_error").asDouble())
        .isBetween(0.01, 0.2);
  }

  private static Path pack(String name) {
    Path folder = Shared.path("packs", name.split("/")[0], name.split("/")[1]);
    return folder;
  }
}
