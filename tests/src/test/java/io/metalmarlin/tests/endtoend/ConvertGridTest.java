package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.NaiveNvfp4;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Grids that go through GGUF, grids without a counterpart, and weights in a rotated basis.
class ConvertGridTest {
  @TempDir Path work;

  @Test
  void nvfp4_goes_to_gguf_and_back_with_the_same_codes_and_scales() throws IOException {
    Path source = Folders.copy(Shared.path("packs", "ct", "NVFP4A16-2l"), work.resolve("src"));
    for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      Files.write(source.resolve(name), Files.readAllBytes(Models.twoBlocks().resolve(name)));
    }
    Path gguf = work.resolve("gguf");
    Path back = work.resolve("back");
    Cli.run("convert", source, "-o", gguf, "--to", "gguf").ok();
    Cli.run("convert", gguf, "-o", back, "--to", "compressed-tensors").ok();
    RawCheckpoint before = RawCheckpoint.file(source.resolve("model.safetensors"));
    RawCheckpoint after = RawCheckpoint.of(back);
    for (String module : Models.linears(2)) {
      for (String plane : new String[] {".weight_packed", ".weight_scale"}) {
        assertThat(after.tensors().get(module + plane).data())
            .as(module + plane)
            .isEqualTo(before.tensors().get(module + plane).data());
      }
    }
  }

  /// ModelOpt's FP8 would be the nearest in bits, but has no place without scales of inputs.
  @Test
  void wide_weights_are_rounded_to_what_modelopt_can_hold_without_inputs() {
    Path source = Shared.path("packs", "mlx", "affine-8bit-g64");
    Run refused = Cli.run("convert", source, "-o", work.resolve("out"), "--to", "modelopt");
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.err()).contains("--allow-lossy to round to modelopt-nvfp4");
    Path out = work.resolve("out");
    Cli.run("convert", source, "-o", out, "--to", "modelopt", "--allow-lossy").ok();
    assertThat(Cli.run("inspect", out, "--json").ok().out()).contains("modelopt-nvfp4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"compressed-tensors", "modelopt", "gptq", "awq", "marlin"})
  void dense_weights_are_not_called_quantized(String target) {
    Path out = work.resolve("out");
    Run run = Cli.run("convert", Models.twoBlocks(), "-o", out, "--to", target);
    assertThat(run.exit()).as("%s", run).isEqualTo(3);
    assertThat(run.err())
        .contains("error[E303]")
        .contains("no packed weights")
        .contains("--scheme");
    assertThat(work).isEmptyDirectory();
  }

  /// GGUF has the type, so that "no layout" would be wrong.
  @Test
  void a_type_that_is_only_read_is_refused_as_that() {
    Run run =
        Cli.run(
            "convert",
            Models.twoBlocks(),
            "-o",
            work.resolve("out"),
            "--to",
            "gguf",
            "--scheme",
            "IQ2_XS",
            "--allow-lossy");
    assertThat(run.exit()).as("%s", run).isEqualTo(3);
    assertThat(run.err()).contains("error[E303]").contains("read only").contains("IQ4_XS");
    assertThat(work).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf", "mlx"})
  void dense_weights_stay_dense_where_that_can_be_said(String target) {
    Path out = work.resolve("out");
    Run run = Cli.run("convert", Models.twoBlocks(), "-o", out, "--to", target, "--json").ok();
    assertThat(run.result().get("lossless").asBoolean()).isTrue();
  }

  @Test
  void blocks_of_gguf_stay_the_bytes_they_are_in_gguf() {
    Path source = Shared.path("packs", "gguf", "Q4_0");
    Path out = work.resolve("out");
    Cli.run("convert", source, "-o", out, "--to", "gguf").ok();
    try (GgufCheckpoint before = Gguf.INSTANCE.open(source.resolve("model.gguf"));
        GgufCheckpoint after = Gguf.INSTANCE.open(out.resolve("model.gguf"))) {
      assertThat(after.tensors().keySet()).isEqualTo(before.tensors().keySet());
      before
          .tensors()
          .forEach((name, t) -> {
            assertThat(after.tensors().get(name)).isEqualTo(t);
            assertThat(after.bytes(name).mismatch(before.bytes(name))).as(name).isEqualTo(-1);
          });
    }
  }

  @Test
  void blocks_without_a_counterpart_are_refused_with_a_way_out() {
    Path source = Shared.path("packs", "gguf", "Q4_K_M");
    Path out = work.resolve("out");
    Run refused = Cli.run("convert", source, "-o", out, "--to", "compressed-tensors");
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.err()).contains("error[E303]").contains("ggml-q4_k").contains("--scheme");

    Run rounded =
        Cli.run(
                "convert",
                source,
                "-o",
                out,
                "--to",
                "compressed-tensors",
                "--scheme",
                "W4A16",
                "--group-size",
                32,
                "--allow-lossy",
                "--json")
            .ok();
    int modules = 0;
    for (var t : rounded.result().get("tensors")) {
      if (t.get("action").asString().equals("requantize")) {
        assertThat(t.get("to").asString()).contains("g32");
        assertThat(t.get("relative_error").asDouble()).isBetween(0.001, 0.15);
        modules++;
      }
    }
    assertThat(modules).isEqualTo(42);
    assertThat(rounded.result().get("worst").size()).isEqualTo(10);
  }

  @Test
  void rotated_weights_become_dense_in_the_basis_of_the_model() throws IOException {
    Path rotated = work.resolve("rotated");
    Path dense = work.resolve("dense");
    Object[] flags = {"--method", "rtn", "--target", "marlin", "--transform", "had32"};
    Cli.run(Models.quantize(Models.twoBlocks(), rotated, flags)).ok();
    Cli.run("convert", rotated, "-o", dense, "--to", "hf", "--dtype", "f32").ok();
    RawCheckpoint packed = RawCheckpoint.of(rotated);
    RawCheckpoint plain = RawCheckpoint.of(dense);
    for (String module : Models.linears(2)) {
      // The rotation is its own inverse.
      float[][] wanted = NaiveNvfp4.rotated(NaiveNvfp4.weight(packed, module), 32);
      assertThat(NaiveNvfp4.relativeError(NaiveNvfp4.dense(plain, module), wanted))
          .as(module)
          .isLessThan(1e-12);
    }
  }

  @Test
  void a_pack_of_the_metal_fault_is_named_and_a_sound_one_is_not() throws IOException {
    Path sound = Shared.path("packs", "mlx", "nvfp4");
    Run quiet = Cli.run("convert", sound, "-o", work.resolve("a"), "--allow-lossy", "--dry-run");
    assertThat(quiet.ok().err()).doesNotContain("W303");

    Path faulty = Folders.copy(sound, work.resolve("faulty"));
    Path file = faulty.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    String module = "model.layers.0.mlp.down_proj";
    byte[] scales = RawCheckpoint.file(file).tensors().get(module + ".scales").data();
    int at = find(bytes, scales);
    for (int i = 0; i + 1 < scales.length; i += 2) {
      bytes[at + i + 1] = bytes[at + i];
    }
    Files.write(file, bytes);
    Run named = Cli.run("convert", faulty, "-o", work.resolve("b"), "--allow-lossy", "--dry-run");
    assertThat(named.ok().err()).containsOnlyOnce("W303").contains(module);
  }

  private static int find(byte[] all, byte[] part) {
    for (int i = 0; i + part.length <= all.length; i++) {
      if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("not in the file");
  }
}
