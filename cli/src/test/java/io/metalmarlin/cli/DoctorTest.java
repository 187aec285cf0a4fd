package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Terminal;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DoctorTest {
  @Test
  void a_variable_that_chooses_the_kernels_of_matrix_products_is_named() {
    Map<String, String> forced = Map.of("OPENBLAS_CORETYPE", "Haswell");
    assertThat(doctor(forced).out()).contains("OPENBLAS_CORETYPE=Haswell is set)");
    assertThat(doctor(Map.of()).out()).doesNotContain("OPENBLAS_CORETYPE");
  }

  private static CommandLineRun doctor(Map<String, String> environment) {
    return CommandLineRun.in(Path.of(""), Terminal.NONE, environment, "doctor");
  }
}
