package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.CliProcess;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `marlin sensitivity` stopped, and where it cannot write.
class SensitivityTest {
  @TempDir Path work;

  @Test
  void ctrl_c_ends_it_with_130_and_writes_nothing() throws Exception {
    Path scratch = Files.createDirectory(work.resolve("streams"));
    Path out = Files.createDirectory(work.resolve("costs"));
    Object[] command = {
      "sensitivity", Models.sixBlocks(), "--cost-windows", 16, "-o", out.resolve("c.json"), "--json"
    };
    try (CliProcess process = CliProcess.start(scratch, command)) {
      assertThat(process.runsUntil(() -> process.stderr().contains("trial 1/"))).isTrue();
      process.signal("INT");
      Run run = process.end();
      assertThat(run.exit()).as("%s", run).isEqualTo(130);
      assertThat(run.json().get("status").asString()).isEqualTo("interrupted");
      assertThat(run.err()).contains("stopped while costs were measured");
    }
    assertThat(Folders.names(out)).isEmpty();
  }

  @Test
  void a_place_that_cannot_be_written_is_told_before_measuring() {
    Run run = Cli.run("sensitivity", "no-such-model", "-o", work.resolve("no/costs.json"));
    assertThat(run.exit()).isEqualTo(6);
    assertThat(run.err()).contains("E601", "its folder does not exist");
    assertThat(Cli.run("sensitivity", "no-such-model", "-o", work).err()).contains("E201");
  }
}
