package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A model with latent attention for llama.cpp, whose files hold latent keys and values in two
/// halves.
class LatentGgufTest {
  private static final Path MODEL = Shared.path("models", "deepseekv2-10m");

  @TempDir Path work;

  @Test
  void latent_keys_and_values_stay_and_are_named() {
    Path out = work.resolve("out");
    Run run = quantize(out, "--json").ok();
    JsonNode warning =
        run.json()
            .get("warnings")
            .valueStream()
            .filter(w -> w.get("code").asString().equals("W308"))
            .findFirst()
            .orElseThrow();
    assertThat(warning.get("message").asString())
        .startsWith("5 matrices of latent keys and values");

    JsonNode r =
        Cli.run(
                "eval",
                out,
                "--reference",
                MODEL,
                "--text",
                Shared.path("text", "heldout-mixed.txt"),
                "--max-windows",
                1,
                "--json")
            .ok()
            .result();
    assertThat(r.at("/divergence/kld/mean").asDouble()).isBetween(0.0, 1e-3);
  }

  @Test
  void they_may_not_stay_where_nothing_may_be_less_than_asked_for() {
    Run strict = quantize(work.resolve("strict"), "--no-fallback");
    assertThat(strict.exit()).as("%s", strict).isEqualTo(3);
    assertThat(strict.err()).contains("kv_b_proj");
    assertThat(work.resolve("strict")).doesNotExist();
  }

  private static Run quantize(Path out, String flag) {
    List<Object> command = new ArrayList<>(List.of("quantize", MODEL, "-o", out));
    command.addAll(List.of("--target", "llama.cpp", "--scheme", "Q8_0", "--method", "rtn"));
    command.addAll(List.of("--eval-windows", 0, flag));
    return Cli.run(command.toArray());
  }
}
