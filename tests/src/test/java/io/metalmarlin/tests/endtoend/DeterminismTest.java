package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Same input, options and seed: same bytes.
class DeterminismTest {
  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({"rtn, vllm", "gptq, trtllm", "mr-gptq, vllm", "mr-gptq, marlin", "full, vllm"})
  void any_number_of_threads_gives_the_same_bytes(String method, String target) throws IOException {
    List<SortedMap<String, String>> hashes = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      hashes.add(quantize("--method", method, "--target", target, "--threads", threads));
    }
    assertThat(hashes.get(1)).isEqualTo(hashes.get(0));
  }

  @Test
  void any_number_of_threads_gives_the_same_bytes_with_drift() throws IOException {
    var one = quantize("--drift", .5, "--threads", 1);
    assertThat(quantize("--drift", .5, "--threads", 2)).isEqualTo(one);
    assertThat(quantize("--drift", "0", "--threads", 1)).isEqualTo(quantize("--threads", 1));
  }

  /// Three micro-batches, of which the last is kept back.
  @Test
  void any_number_of_threads_chooses_the_same_shares_of_drift() throws IOException {
    List<SortedMap<String, String>> hashes = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      Path out = work.resolve("auto-" + threads);
      var run =
          Cli.run(
                  "quantize",
                  Models.twoBlocks(),
                  "-o",
                  out,
                  "--json",
                  "--eval-windows",
                  0,
                  "--samples",
                  24,
                  "--seq-len",
                  128,
                  "--drift",
                  "auto",
                  "--threads",
                  threads)
              .ok();
      assertThat(run.result().get("layers").valueStream().map(l -> l.get("drift").asDouble()))
          .isSubsetOf(0.0, .25, .5, 1.0)
          .contains(1.0);
      hashes.add(Folders.modelHashes(out));
    }
    assertThat(hashes.get(1)).isEqualTo(hashes.get(0));
  }

  @Test
  void the_seed_chooses_other_calibration_windows() throws IOException {
    var first = quantize("--method", "mr-gptq", "--seed", 1);
    var second = quantize("--method", "mr-gptq", "--seed", 2);
    assertThat(second.get("model.safetensors")).isNotEqualTo(first.get("model.safetensors"));
    assertThat(second.get("config.json")).isEqualTo(first.get("config.json"));
  }

  @Test
  void the_seed_changes_nothing_where_nothing_is_calibrated() throws IOException {
    assertThat(quantize("--method", "rtn", "--seed", 2))
        .isEqualTo(quantize("--method", "rtn", "--seed", 1));
  }

  @Test
  void every_method_writes_its_own_bytes() throws IOException {
    var rtn = quantize("--method", "rtn");
    var absmax = quantize("--method", "rtn", "--scales", "absmax");
    var gptq = quantize("--method", "gptq");
    var mr = quantize("--method", "mr-gptq");
    assertThat(List.of(rtn, absmax, gptq, mr).stream().map(h -> h.get("model.safetensors")))
        .doesNotHaveDuplicates();
  }

  private SortedMap<String, String> quantize(Object... flags) throws IOException {
    Path out = work.resolve("out-" + Folders.names(work).size());
    Cli.run(Models.quantize(Models.twoBlocks(), out, flags)).ok();
    return Folders.modelHashes(out);
  }
}
