package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Experts in MLX's stacks: no tensor of theirs is a stray one.
class MlxMixtureTest {
  @TempDir Path work;

  @Test
  void stacks_belong_to_the_model() {
    Path out = work.resolve("mlx");
    Path model = Shared.path("models", "tiny", "qwen3_moe");
    Cli.run(
            "convert",
            model,
            "-o",
            out,
            "--to",
            "mlx",
            "--scheme",
            "W4A16",
            "--group-size",
            "32",
            "--allow-lossy",
            "--quiet")
        .ok();
    String findings = Cli.run("verify", out, "--target", "mlx-lm", "--json").out();
    assertThat(findings).contains("findings").doesNotContain("\"stray\"");
  }
}
