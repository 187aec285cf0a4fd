package io.metalmarlin.tests.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A scale that is no number is found when its matrix is decoded, and the error says in which one.
class BadScaleTest {
  private static final String TENSOR = "model.layers.0.mlp.down_proj.weight_scale";

  @TempDir Path work;

  @Test
  void names_the_module() throws IOException {
    Path pack = Folders.copy(Shared.path("packs", "ct", "W4A16_ASYM"), work.resolve("pack"));
    Damages.poison(pack, TENSOR);
    Path out = work.resolve("out");
    Run run = Cli.run("convert", pack, "-o", out, "--dequantize", "--quiet");
    assertThat(run.exit()).isEqualTo(5);
    assertThat(run.err()).startsWith("error[E508] model.layers.0.mlp.down_proj: row ");
    assertThat(run.err().strip()).doesNotContain("\n");
    // Resuming would fail at the same scale, and a pack that is whole would be another job.
    assertThat(Folders.names(work)).containsExactly("pack");
  }
}
