package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.CliProcess;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `marlin convert` as a job: interrupted and run again, and given what it cannot convert.
class ConvertJobTest {
  /// Files that say how long the run took, or hash one that does.
  private static final List<String> TIMED = List.of("report.json", "marlin-manifest.json");

  @TempDir Path work;
  @TempDir Path scratch;

  @Test
  void a_killed_run_is_resumed_and_every_file_is_as_of_an_unbroken_one() throws Exception {
    Path out = work.resolve("out");
    Cli.run(command(out)).ok();
    Map<String, String> undisturbed = hashes(out);
    Files.move(out, scratch.resolve("undisturbed"));
    interrupt(out, "KILL");
    assertThat(out).doesNotExist();

    Run again = Cli.run(command(out)).ok();

    assertThat(again.err()).contains("going on after batch");
    assertThat(hashes(out)).isEqualTo(undisturbed).containsKey("model.gguf");
    assertThat(Folders.names(work)).containsExactly("out");
  }

  @Test
  void ctrl_c_saves_says_how_to_go_on_and_ends_with_130() throws Exception {
    Path out = work.resolve("out");

    Run stopped = interrupt(out, "INT");

    assertThat(stopped.exit()).as("%s", stopped).isEqualTo(130);
    assertThat(stopped.err()).contains("Go on with: marlin convert").contains(out.toString());
    assertThat(stopped.err()).doesNotContain("Exception").doesNotContain("\tat ");
    assertThat(out).doesNotExist();
    Cli.run(command(out)).ok();
    assertThat(out).isDirectory();
  }

  @Test
  void a_changed_option_is_refused_and_named_while_the_unfinished_run_is_there() throws Exception {
    Path out = work.resolve("out");
    interrupt(out, "KILL");
    List<Object> changed = new ArrayList<>(List.of(command(out)));
    changed.set(changed.indexOf("IQ4_XS"), "Q4_0");

    Run other = Cli.run(changed.toArray());

    assertThat(other.exit()).as("%s", other).isEqualTo(3);
    assertThat(other.err()).contains("error[E322]").contains("--scheme").contains("--restart");
  }

  /// Encoding that searches for its scales, on one thread: every block is some batches, the first
  /// of which are journalled well before the end.
  private static Object[] command(Path out) {
    return new Object[] {
      "convert",
      Shared.path("models", "qwen3-7m"),
      "-o",
      out,
      "--to",
      "gguf",
      "--scheme",
      "IQ4_XS",
      "--allow-lossy",
      "--threads",
      1
    };
  }

  /// Starts a run in a process of its own and sends it a signal once two batches are journalled.
  private Run interrupt(Path out, String signal) throws IOException, InterruptedException {
    try (CliProcess process = CliProcess.start(scratch, command(out))) {
      boolean reached = process.runsUntil(() -> journalLines() >= 2);
      assertThat(reached).as("two batches before the end: %s", process.stderr()).isTrue();
      process.signal(signal);
      Run run = process.end();
      assertThat(run.exit()).as("was stopped before its end: %s", run).isNotZero();
      return run;
    }
  }

  private long journalLines() {
    try (DirectoryStream<Path> partial = Files.newDirectoryStream(work, "out.partial-*")) {
      for (Path p : partial) {
        Path journal = p.resolve("journal.jsonl");
        return Files.exists(journal) ? Files.readString(journal).lines().count() : 0;
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> hashes(Path folder) throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (String name : Folders.names(folder)) {
      if (!TIMED.contains(name)) {
        all.put(name, Folders.sha256(folder.resolve(name)));
      }
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "E201, nvfp9, --to nvfp9",
    "E201, --dtype f8, none of bf16",
    "E201, --frob, --frob",
    "E201, --group-size 32, without --scheme",
    "E201, --scheme W4A16 --group-size 48, none of 32",
    "E201, --scheme NVFP4A16 --group-size 32, one size",
    "E201, --scheme W99, no scheme",
    "E201, --to mlx --dequantize, packed dialect",
    "E201, --resume --restart, contradicts"
  })
  void a_flag_that_means_nothing_ends_with_exit_2(String code, String flags, String said) {
    List<Object> command = new ArrayList<>(List.of("convert", pack(), "-o", work.resolve("no")));
    command.addAll(
        flags.startsWith("-") ? Arrays.asList(flags.split(" ")) : List.of("--to", flags));
    refused(Cli.run(command.toArray()), 2, code, said);
  }

  @Test
  void a_source_that_is_missing_is_named() {
    Path missing = work.resolve("nowhere");
    Run run = Cli.run("convert", missing, "-o", work.resolve("no"));
    refused(run, 5, "E501", missing.toString());
  }

  @Test
  void a_truncated_shard_is_named() throws IOException {
    Path source = Folders.copy(pack(), scratch.resolve("short"));
    Path shard = source.resolve("model.safetensors");
    Files.write(shard, Arrays.copyOf(Files.readAllBytes(shard), 500_000));
    Run run = Cli.run("convert", source, "-o", work.resolve("no"), "--to", "modelopt");
    refused(run, 5, "E503", "500,000");
  }

  @Test
  void an_existing_output_is_kept_unless_it_may_be_replaced() throws IOException {
    Path out = Files.createDirectory(work.resolve("no"));
    Files.writeString(out.resolve("mine.txt"), "mine");
    Run refused = Cli.run("convert", pack(), "-o", out, "--to", "modelopt");
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.err()).contains("error[E321]").contains("--overwrite");
    assertThat(Folders.names(out)).containsExactly("mine.txt");

    Cli.run("convert", pack(), "-o", out, "--to", "modelopt", "--overwrite").ok();
    assertThat(Folders.names(out)).contains("model.safetensors").doesNotContain("mine.txt");
  }

  @Test
  void a_model_of_an_unknown_architecture_is_converted() throws IOException {
    Path source = Folders.copy(pack(), scratch.resolve("unknown"));
    Path config = source.resolve("config.json");
    String known = Files.readString(config);
    Files.writeString(config, known.replace("\"qwen3\"", "\"qwen99\""));
    assertThat(Files.readString(config)).isNotEqualTo(known);
    Run run =
        Cli.run("convert", source, "-o", work.resolve("out"), "--to", "modelopt", "--json").ok();
    assertThat(run.result().get("lossless").asBoolean()).isTrue();
  }

  private void refused(Run run, int exit, String code, String said) {
    assertThat(run.exit()).as("%s", run).isEqualTo(exit);
    assertThat(run.err()).contains("error[" + code + "]").contains(said);
    assertThat(run.err()).doesNotContain("Exception").doesNotContain("\tat ");
    assertThat(work.resolve("no")).doesNotExist();
  }

  private static Path pack() {
    return Shared.path("packs", "ct", "NVFP4A16-2l");
  }
}
