package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher script with a Java that only says how it was called.
class LauncherTest {
  @TempDir Path home;

  private String start(Map<String, String> variables) throws Exception {
    return start(variables, "version", "$LC_ALL");
  }

  /// @param said by the Java, as the shell knows it
  private String start(Map<String, String> variables, String command, String said)
      throws Exception {
    Files.copy(Path.of("..", "marlin"), home.resolve("marlin"));
    Files.createDirectories(home.resolve("cli/target"));
    Files.writeString(home.resolve("cli/target/marlin.jar"), "");
    Path jdk = Files.createDirectories(home.resolve("jdk/bin")).getParent();
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    Path java = jdk.resolve("bin/java");
    Files.writeString(java, "#!/bin/sh\necho \"" + said + "\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    ProcessBuilder b = new ProcessBuilder("sh", home.resolve("marlin").toString(), command);
    b.environment().keySet().removeIf(k -> k.equals("LANG") || k.startsWith("LC_"));
    b.environment().put("JAVA_HOME", jdk.toString());
    b.environment().putAll(variables);
    return output(b);
  }

  private static String output(ProcessBuilder b) throws Exception {
    Process p = b.redirectErrorStream(true).start();
    String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    p.waitFor();
    return text.strip();
  }

  private static boolean knowsLocales() {
    try {
      return output(new ProcessBuilder("locale", "charmap")).length() > 0;
    } catch (Exception e) {
      return false;
    }
  }

  /// Kernels are made of the vector module's classes, which Java loads only when told so.
  @ParameterizedTest
  @ValueSource(
      strings = {"quantize", "plan", "sensitivity", "convert", "verify", "eval", "run", "doctor"})
  void a_command_that_computes_gets_vectors(String command) throws Exception {
    assertThat(start(Map.of(), command, "$*")).contains("--add-modules jdk.incubator.vector");
  }

  @Test
  void arguments_keep_their_characters_without_a_locale() throws Exception {
    assumeTrue(knowsLocales());
    assertThat(start(Map.of())).isEqualTo("C.UTF-8");
  }

  @Test
  void a_locale_that_is_not_installed_counts_as_none() throws Exception {
    assumeTrue(knowsLocales());
    assertThat(start(Map.of("LANG", "xx_XX.UTF-8"))).endsWith("C.UTF-8");
  }

  @Test
  void another_locale_stays() throws Exception {
    assertThat(start(Map.of("LC_ALL", "C.UTF-8", "LC_CTYPE", "C"))).isEqualTo("C.UTF-8");
  }
}
