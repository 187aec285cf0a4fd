package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.AsciiTokenizer;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Families from before Llama, without a tokenizer: rounded, opened again, run.
class EarlyFamiliesTest {
  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({
    "phi, vllm",
    "gpt_neox, vllm",
    "opt, trtllm",
    "bloom, vllm",
    "falcon, mlx-lm",
    "gpt2, marlin",
    "gpt2, gptq"
  })
  void are_rounded_and_the_result_runs(String family, String target) {
    Path out = work.resolve("out");
    List<Object> command =
        new ArrayList<>(List.of("quantize", tiny(family), "-o", out, "--method", "rtn"));
    command.addAll(List.of("--target", target));
    if (Set.of("gptq", "mlx-lm").contains(target)) {
      command.addAll(List.of("--scheme", "W4A16", "--group-size", 32));
    }
    Run quantized = Cli.run(command.toArray());
    assertThat(quantized.ok().err()).contains("W202", "no tokenizer");
    // The tokenizer that is not there is all that is wrong.
    assertThat(Cli.run("verify", out).out()).contains("error[tokenizer]", ": 1 error,");
    Path logits = work.resolve("logits.safetensors");
    Cli.run("eval", out, "--input-ids", "1,2,3", "--dump-logits", logits).ok();
    assertThat(logits).exists();
  }

  @ParameterizedTest
  @CsvSource({
    "phi, vllm",
    "gpt_neox, vllm",
    "opt, vllm",
    "bloom, vllm",
    "falcon, vllm",
    "gpt2, marlin"
  })
  void are_calibrated_and_the_result_runs(String family, String target) throws IOException {
    Path model = Files.createDirectory(work.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(tiny(family).resolve(file), model.resolve(file));
    }
    AsciiTokenizer.write(model);
    Path out = work.resolve("out");
    List<Object> command =
        new ArrayList<>(List.of("quantize", model, "-o", out, "--target", target));
    command.addAll(List.of("--samples", 8, "--seq-len", 64, "--eval-windows", 1));
    Cli.run(command.toArray()).ok();
    assertThat(Cli.run("verify", out).ok().out()).doesNotContain("error[");
    Cli.run("eval", out, "--input-ids", "1,2,3", "--dump-logits", work.resolve("logits")).ok();
  }

  /// A dense transposed matrix becomes a packed one with its outputs for rows, and back only where
  /// the file says so itself.
  @Test
  void transposed_matrices_are_converted_along_their_inputs() throws IOException {
    Path model = Files.createDirectory(work.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(tiny("gpt2").resolve(file), model.resolve(file));
    }
    AsciiTokenizer.write(model);
    Path rounded = work.resolve("rounded");
    Path converted = work.resolve("converted");
    List<Object> scheme = List.of("--scheme", "W4A16", "--group-size", 32);
    run(List.of("quantize", model, "-o", rounded, "--method", "rtn", "--target", "gptq"), scheme)
        .ok();
    run(List.of("convert", model, "-o", converted, "--to", "gptq", "--allow-lossy"), scheme).ok();
    assertThat(packed(converted)).isEqualTo(packed(rounded));
    Run dense = Cli.run("convert", converted, "-o", work.resolve("dense"), "--to", "hf");
    assertThat(dense.err()).contains("E303", "transposed");
  }

  private static Run run(List<?> command, List<?> flags) {
    return Cli.run(Stream.concat(command.stream(), flags.stream()).toArray());
  }

  private static Map<String, List<Long>> packed(Path folder) throws IOException {
    Map<String, List<Long>> shapes = new TreeMap<>();
    RawCheckpoint.of(folder).tensors().forEach((name, t) -> shapes.put(name, t.shape()));
    return shapes;
  }

  @Test
  void transposed_matrices_are_refused_for_loaders_that_do_not_take_them() {
    Path out = work.resolve("out");
    Run run = Cli.run("quantize", tiny("gpt2"), "-o", out, "--method", "rtn");
    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.err()).contains("E303", "h.0.attn.c_attn.weight", "--target", "gptq");
    assertThat(Files.exists(out)).isFalse();
  }

  @Test
  void gates_without_a_tokenizer_are_refused_before_anything_is_written() {
    Run run =
        Cli.run(
            "quantize",
            tiny("opt"),
            "-o",
            work.resolve("out"),
            "--method",
            "rtn",
            "--max-kld",
            "0.1");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("no tokenizer", "--max-kld");
  }

  private static Path tiny(String family) {
    return Shared.path("models", "tiny", family);
  }
}
