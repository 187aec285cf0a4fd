package io.metalmarlin.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What one run of the command line left behind.
public record Run(List<String> command, int exit, String out, String err) {
  /// The whole of stdout as the one JSON object that `--json` promises.
  public JsonNode json() {
    return new ObjectMapper().readTree(out);
  }

  /// The `result` member of the envelope.
  public JsonNode result() {
    return json().get("result");
  }

  /// Fails, showing what was printed, unless the command ended well.
  public Run ok() {
    assertThat(exit).as("exit code of %s", this).isZero();
    return this;
  }

  @Override
  public String toString() {
    return "marlin %s%n--- stdout%n%s%n--- stderr%n%s"
        .formatted(String.join(" ", command), out, err);
  }
}
