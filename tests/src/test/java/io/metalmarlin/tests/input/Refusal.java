package io.metalmarlin.tests.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What every refused command must look like (product contract: streams, exit codes, errors).
final class Refusal {
  private Refusal() {}

  /// The message for people: one `error[CODE]` paragraph on stderr that says what, where and what
  /// to do; nothing on stdout; no trace of Java.
  ///
  /// @param code for example `E503`
  /// @param words what the message must name: the file, the tensor, the figures
  static void isClear(Run run, String code, List<String> words) {
    assertThat(run.exit()).as("exit code of %s", run).isEqualTo(code.charAt(1) - '0');
    assertThat(run.out()).as("stdout").isEmpty();
    assertThat(run.err()).contains("error[" + code + "]").contains(words);
    assertThat(run.err().split("error\\[", -1)).as("one message in%n%s", run.err()).hasSize(2);
    silentAboutJava(run.err());
    String message = run.err().substring(run.err().indexOf("error["));
    assertThat(message.strip())
        .as("what to do, as a last sentence")
        .matches("(?s).*[.!?] \\S.*[.!?)`]");
  }

  /// The same as one JSON object on stdout.
  static void isClearJson(Run run, String code, List<String> words) {
    JsonNode json = run.json();
    assertThat(run.exit()).as("exit code of %s", run).isEqualTo(code.charAt(1) - '0');
    assertThat(json.get("exit").asInt()).isEqualTo(run.exit());
    assertThat(json.get("status").asString()).isEqualTo("error");
    JsonNode error = json.get("error");
    assertThat(error.get("code").asString()).isEqualTo(code);
    String all =
        String.join(" ", text(error, "where"), text(error, "message"), text(error, "hint"));
    if (!words.isEmpty()) {
      assertThat(all).contains(words);
    }
    silentAboutJava(all);
  }

  /// Nothing was added to the folder in which the output would have appeared.
  static void leftNothing(Path parent, List<String> before) throws IOException {
    assertThat(Folders.names(parent)).as("files in %s", parent).isEqualTo(before);
  }

  private static String text(JsonNode error, String member) {
    String text = error.get(member).asString();
    assertThat(text).as("error.%s", member).isNotBlank();
    return text;
  }

  private static void silentAboutJava(String text) {
    assertThat(text)
        .doesNotContain("\tat ")
        .doesNotContain("Exception")
        .doesNotContain("java.")
        .doesNotContain("null");
  }
}
