package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.command.Marlin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SchemaTest {
  @Test
  void every_command_ships_a_schema() {
    assertThat(Marlin.parser().getSubcommands().keySet())
        .allSatisfy(c -> assertThat(SchemaCheck.schema(c).path("title").asString()).contains(c));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version",
        "models",
        "formats",
        "doctor",
        "help",
        "help version",
        "completion bash",
        "version --help",
        "completion fish",
        "quantize",
        "nonsense",
        "models --nope",
        "inspect demo",
        "inspect no-such-file",
        "verify no-such-folder",
        "report no-such-folder",
        "verify demo",
        "verify demo --tp 0",
        "verify demo --target vllm@x",
        "verify demo --against demo --max-windows 0",
        "run demo --temp -1 -p x",
        "eval demo --max-kld 1"
      })
  void output_fits_its_schema_on_success_and_on_failure(String line) {
    CommandLineRun run = CommandLineRun.of((line + " --json").split(" "));
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    assertThat(run.json().path("exit").intValue()).isEqualTo(run.exit());
    assertThat(run.json().path("error").isNull()).isEqualTo(run.exit() == 0);
  }

  @Test
  void the_check_itself_finds_a_missing_an_unknown_and_a_wrong_key() {
    JsonNode json =
        JsonMapper.shared()
            .readTree(
                "{\"schema\":\"marlin.version/1\",\"status\":\"fine\",\"exit\":0.5,"
                    + "\"result\":{\"version\":1,\"extra\":2},\"warnings\":[],\"error\":null}");
    List<String> faults = SchemaCheck.envelope(json);
    assertThat(faults)
        .anyMatch(f -> f.contains("$.status"))
        .anyMatch(f -> f.contains("$.exit"))
        .anyMatch(f -> f.contains("$.result.version is NUMBER"))
        .anyMatch(f -> f.contains("$.result.java is missing"))
        .anyMatch(f -> f.contains("$.result.extra is in no schema"));
  }
}
