package io.metalmarlin.tests.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.metalmarlin.formats.container.Container;
import io.metalmarlin.formats.container.Containers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every target under Jazzer, in a JVM of its own, for `-Dmarlin.fuzz.seconds` (10), as many at
/// once as there are processors. Longer runs: `mvn -pl tests -am verify -Dtest=FuzzTest
/// -Dsurefire.failIfNoSpecifiedTests=false -Dmarlin.fuzz.seconds=3600`.
class FuzzTest {
  private static final int SECONDS = Integer.getInteger("marlin.fuzz.seconds", 10);
  private static final Pattern TRIED = Pattern.compile("Done \\d{2,} runs");

  /// What a machine tries that is so busy that the seconds were over before it had begun.
  private static final int INPUTS = 500;

  /// Hooks for libraries that no reader comes near: to weave them in takes longer than to fuzz.
  private static final String NOT_HERE =
      Stream.of(
              "ClojureLangHooks",
              "ExpressionLanguageInjection",
              "LdapInjection",
              "NamingContextLookup",
              "ScriptEngineInjection",
              "ServerSideRequestForgery",
              "SqlInjection",
              "TemplateInjection",
              "XPathInjection",
              "XmlParserSsrfGuidance")
          .map(name -> "com.code_intelligence.jazzer.sanitizers." + name)
          .collect(Collectors.joining(":"));

  private static final ExecutorService AT_ONCE =
      Executors.newFixedThreadPool(Math.min(4, Runtime.getRuntime().availableProcessors()));
  private static final Map<String, Future<Ended>> RUNS = new HashMap<>();

  @TempDir static Path work;

  static Stream<String> targets() {
    return FuzzTarget.ALL.stream().map(FuzzTarget::name);
  }

  @BeforeAll
  static void start() {
    String system = System.getProperty("os.name");
    assumeTrue(
        system.equals("Linux") || system.startsWith("Mac"),
        "the fuzzer has no native part for " + system);
    int n = 0;
    for (FuzzTarget target : FuzzTarget.ALL) {
      Path folder = work.resolve("target" + n++);
      RUNS.put(target.name(), AT_ONCE.submit(() -> fuzz(target, folder)));
    }
  }

  @AfterAll
  static void stop() {
    AT_ONCE.shutdownNow();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void no_input_escapes_as_anything_but_a_refusal(String name) throws Exception {
    Ended ended = RUNS.get(name).get();
    assertThat(ended.inTime()).as("the fuzzer ends").isTrue();
    assertThat(ended.exit()).as(() -> tail(ended.log())).isZero();
    assertThat(ended.tried()).as("inputs were tried").isTrue();
  }

  /// A fuzzer that has stopped, or was stopped.
  private record Ended(boolean inTime, int exit, Path log) {
    boolean tried() throws IOException {
      return TRIED.matcher(Files.readString(log)).find();
    }
  }

  private static Ended fuzz(FuzzTarget target, Path folder) throws Exception {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    int n = 0;
    for (byte[] seed : target.seeds()) {
      Files.write(corpus.resolve("seed" + n++), seed);
    }
    Ended ended = fuzz(target, folder, corpus, "-max_total_time=" + SECONDS);
    return ended.inTime() && ended.exit() == 0 && !ended.tried()
        ? fuzz(target, folder, corpus, "-runs=" + INPUTS)
        : ended;
  }

  private static Ended fuzz(FuzzTarget target, Path folder, Path corpus, String limit)
      throws Exception {
    Path log = folder.resolve("log.txt");
    Process fuzzer =
        new ProcessBuilder(command(target.name(), corpus, limit))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      boolean inTime = fuzzer.waitFor(SECONDS + 120L, TimeUnit.SECONDS);
      fuzzer.destroyForcibly();
      return new Ended(inTime, fuzzer.waitFor(), log);
    } finally {
      fuzzer.destroyForcibly();
    }
  }

  @Test
  void every_container_has_a_target() {
    assertThat(targets())
        .containsAll(
            Containers.ALL.stream().map(Container::name).map(c -> "container:" + c).toList());
  }

  private static List<String> command(String target, Path corpus, String limit) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            // As many inputs a second, and half of the start.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dmarlin.fuzz=" + target,
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=io.metalmarlin.tests.fuzz.FuzzMain",
            "--instrumentation_includes=io.metalmarlin.formats.**:io.metalmarlin.runtime.**",
            "--custom_hook_includes=io.metalmarlin.formats.**:io.metalmarlin.runtime.**",
            "--disabled_hooks=" + NOT_HERE,
            limit,
            "-rss_limit_mb=3000",
            "-max_len=65536",
            "-seed=20260101",
            corpus.toString()));
    return command;
  }

  private static String tail(Path log) {
    try {
      String text = Files.readString(log);
      return text.substring(Math.max(0, text.length() - 6000));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
