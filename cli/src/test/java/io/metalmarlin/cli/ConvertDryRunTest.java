package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Terminal;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `marlin convert --dry-run --json` on the embedded demo model.
class ConvertDryRunTest {
  @TempDir Path folder;

  private CommandLineRun plan(String... more) {
    String[] arguments = new String[more.length + 4];
    System.arraycopy(new String[] {"convert", "demo", "--dry-run", "--json"}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
    return CommandLineRun.in(folder, Terminal.NONE, environment, arguments);
  }

  @Test
  void a_plan_matches_its_schema_and_writes_nothing() {
    CommandLineRun plan = plan("--to", "modelopt", "--scheme", "NVFP4A16", "--allow-lossy");
    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(SchemaCheck.envelope(plan.json())).isEmpty();
    assertThat(plan.json().path("result").path("refusals").isEmpty()).isTrue();
    assertThat(folder.resolve("demo-modelopt")).doesNotExist();
  }

  @Test
  void a_refused_plan_matches_its_schema_and_ends_with_exit_3() {
    CommandLineRun plan = plan("--to", "modelopt", "--scheme", "NVFP4A16");
    assertThat(plan.exit()).isEqualTo(3);
    assertThat(SchemaCheck.envelope(plan.json())).isEmpty();
    assertThat(plan.json().path("result").path("refusals").get(0).path("code").stringValue())
        .isEqualTo("E303");
  }
}
