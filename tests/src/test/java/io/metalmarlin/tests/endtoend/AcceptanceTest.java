package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The reason to use the product: with default settings the written file is at most three quarters
/// as far from the source as the absmax rounding that other tools write.
@Tag("slow")
class AcceptanceTest {
  private static final String WINDOWS = "64";

  @TempDir Path work;

  @Test
  void the_default_method_has_at_most_three_quarters_of_absmaxs_divergence() throws IOException {
    Path calibration = Shared.path("text", "calib", "mixed.txt");
    double ours = kld("ours", "--dataset", calibration);
    double absmax = kld("absmax", "--method", "rtn", "--scales", "absmax");
    assertThat(ours / absmax).as("KLD %.5f of %.5f", ours, absmax).isLessThanOrEqualTo(0.75);
  }

  private double kld(String name, Object... flags) {
    Path model = Shared.path("models", "qwen3-31m");
    Path out = work.resolve(name);
    Object[] command = new Object[8 + flags.length];
    Object[] base = {"quantize", model, "-o", out, "--scheme", "NVFP4A16", "--eval-windows", "0"};
    System.arraycopy(base, 0, command, 0, base.length);
    System.arraycopy(flags, 0, command, base.length, flags.length);
    Cli.run(command).ok();
    double kld =
        Cli.run(
                "eval",
                out,
                "--reference",
                model,
                "--text",
                Shared.path("text", "heldout-mixed.txt"),
                "--max-windows",
                WINDOWS,
                "--json")
            .ok()
            .result()
            .at("/divergence/kld/mean")
            .asDouble();
    System.out.printf("acceptance: %s KLD %.5f%n", name, kld);
    return kld;
  }
}
