package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Flags that contradict each other, do nothing or mean nothing are errors, before anything is
/// read.
class QuantizeFlagsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quantize|MODEL",
        "quantize M --resume --restart|--resume",
        "quantize M --gate-on mean|--gate-on",
        "quantize M --eval-windows 0 --max-kld 0.1|--eval-windows 0",
        "quantize M --eval-windows 0 --eval-text f|--eval-text",
        "quantize M --eval-windows -1|--eval-windows -1",
        "quantize M --threads 0|--threads 0",
        "quantize M --samples x|--samples x",
        "quantize M --max-ppl-increase 2|--max-ppl-increase 2",
        "quantize M --gate-on maybe --max-kld 1|--gate-on maybe",
        "quantize M --kv-cache fp8|--kv-cache",
        "quantize M --samples 1 --samples 2|--samples",
        "quantize M a b|a",
        "eval M --input-ids 1|--input-ids",
        "eval M --dump-logits f|--dump-logits",
        "eval M --input-ids 1 --dump-logits f --text t|--input-ids",
        "eval M --input-ids 1,x --dump-logits f|--input-ids 1,x",
        "eval M --max-kld 1|--reference",
        "eval M --max-windows 0|--max-windows 0",
        "run M -p x --kv-cache fp8|--kv-cache fp8",
        "eval M --kv-cache q4|--kv-cache q4",
        "eval M --kv-cache int4 --save-reference f.safetensors|--save-reference",
        "eval M --save-reference f|--save-reference f",
        "eval M --input-ids 1 --dump-logits f --kv-cache int4|--input-ids",
        "run M -p x -n -1|-n -1",
        "run M -p x --temp 0 --top-p 0.5|--top-p",
        "run M -p x --temp 0 --seed 1|--seed",
        "run M -p x --temp 1 --top-p 2.5|--top-p 2.5"
      })
  void it_is_a_usage_error_that_names_the_flag(String line, String where) {
    CommandLineRun run = CommandLineRun.of(line.split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("error[E201] " + where + ": ").doesNotContain("\tat ");
  }

  @Test
  void a_model_that_is_not_there_is_named(@TempDir Path folder) {
    CommandLineRun run = CommandLineRun.of("quantize", folder.resolve("no").toString());
    assertThat(run.exit()).isEqualTo(5);
    assertThat(run.err()).startsWith("error[E501] " + folder.resolve("no"));
  }

  @Test
  void an_alias_is_echoed_in_its_canonical_form() {
    CommandLineRun run = CommandLineRun.of("quantize", "no-such", "--nsamples", "3");
    assertThat(run.err()).startsWith("note: --nsamples is --samples here\n");
  }

  @Test
  void a_repository_outside_the_cache_is_an_offline_miss(@TempDir Path cache) {
    CommandLineRun run =
        CommandLineRun.in(
            Path.of(""),
            Terminal.NONE,
            Map.of("HF_HUB_CACHE", cache.toString()),
            "plan",
            "nobody/nothing",
            "--json");
    assertThat(run.exit()).isEqualTo(7);
    assertThat(run.json().path("error").path("code").stringValue()).isEqualTo("E701");
    assertThat(Files.exists(cache.resolve("models--nobody--nothing"))).isFalse();
  }
}
