package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the launcher tells the JVM's compilers.
class DirectivesTest {
  private static final String FILE = "cli/src/main/launcher/compiler.json";

  @Test
  void the_launcher_passes_them_to_commands_that_compute() {
    assertThat(Repository.text(Path.of("marlin")))
        .contains("-XX:CompilerDirectivesFile=$home/" + FILE);
  }

  /// Kernels that are compiled early must not find the profiles of what they call too young.
  @Test
  void lower_thresholds_go_with_lower_maturity() {
    assertThat(Repository.text(Path.of("marlin")))
        .contains("CompileThresholdScaling,")
        .contains("-XX:ProfileMaturityPercentage=1\n");
  }

  /// A JVM that cannot read them does not start, and one that can says so on standard output, where
  /// data goes, unless told otherwise.
  @Test
  void the_virtual_machine_reads_them_without_a_word() throws Exception {
    String launcher = Repository.text(Path.of("marlin"));
    List<String> quiet = List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-DisplayVMOutput");
    assertThat(launcher).contains(quiet);
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                quiet.get(0),
                quiet.get(1),
                "-XX:CompilerDirectivesFile=" + Repository.ROOT.resolve(FILE),
                "-version")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
    assertThat(java.waitFor()).isZero();
  }
}
