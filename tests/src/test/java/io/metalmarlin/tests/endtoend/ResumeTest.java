package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run that is killed goes on where it was, and ends as if nothing had happened.
class ResumeTest {
  /// The journal's first line is the stage in which kept tensors are copied, then a line per block.
  private static final int LINES_WITH_TWO_BLOCKS = 3;

  @TempDir Path work;
  @TempDir Path scratch;

  @Test
  void a_killed_run_is_resumed_and_ends_with_the_bytes_of_an_undisturbed_one() throws Exception {
    Path undisturbed = work.resolve("undisturbed");
    Cli.run(command(undisturbed)).ok();
    Path out = work.resolve("out");
    interrupt(out, "KILL");
    assertThat(out).doesNotExist();

    // A changed option is refused and named while the unfinished run is there.
    Run other = Cli.run(command(out, "--seed", 5));
    assertThat(other.exit()).as("%s", other).isEqualTo(3);
    assertThat(other.err()).contains("error[E322]").contains("--seed").contains("--restart");
    assertThat(out).doesNotExist();

    Run again = Cli.run(command(out, "--json")).ok();
    assertThat(again.err()).containsPattern("(?i)(resum|goes on|going on|continu)");
    assertThat(again.result().get("resumed_blocks").asInt()).isGreaterThanOrEqualTo(2);
    assertThat(Folders.modelHashes(out)).isEqualTo(Folders.modelHashes(undisturbed));
    assertThat(Folders.names(work)).containsExactly("out", "undisturbed");
  }

  @Test
  void a_killed_run_that_prunes_ends_with_the_bytes_of_an_undisturbed_one() throws Exception {
    Object[] sparse = {"--sparsity", "2:4", "--target", "marlin"};
    Path undisturbed = work.resolve("undisturbed");
    Cli.run(command(undisturbed, sparse)).ok();
    Path out = work.resolve("out");
    interrupt(out, "KILL", sparse);

    Run again = Cli.run(command(out, sparse)).ok();

    assertThat(again.err()).containsPattern("(?i)(resum|goes on|going on|continu)");
    assertThat(Folders.modelHashes(out)).isEqualTo(Folders.modelHashes(undisturbed));
  }

  @Test
  void a_killed_run_that_folds_and_makes_up_for_drift_replays_both_streams() throws Exception {
    Object[] drift = {"--method", "full", "--refine", 0};
    Path undisturbed = work.resolve("undisturbed");
    Cli.run(command(undisturbed, drift)).ok();
    Path out = work.resolve("out");
    interrupt(out, "KILL", drift);

    Cli.run(command(out, drift)).ok();

    assertThat(Folders.modelHashes(out)).isEqualTo(Folders.modelHashes(undisturbed));
  }

  @Test
  void another_run_takes_the_place_of_a_killed_one_where_that_is_asked_for() throws Exception {
    Path out = work.resolve("out");
    interrupt(out, "KILL");
    Run other = Cli.run(command(out, "--seed", 5, "--restart", "--json")).ok();
    assertThat(other.result().get("resumed_blocks").asInt()).isZero();
    assertThat(Folders.names(work)).containsExactly("out");
  }

  @Test
  void ctrl_c_saves_says_how_to_go_on_and_ends_with_130() throws Exception {
    Path out = work.resolve("out");

    Run stopped = interrupt(out, "INT");

    assertThat(stopped.exit()).as("%s", stopped).isEqualTo(130);
    assertThat(stopped.err()).contains("marlin quantize").contains(out.toString());
    assertThat(stopped.err()).doesNotContain("Exception").doesNotContain("\tat ");
    assertThat(out).doesNotExist();
    Cli.run(command(out)).ok();
    assertThat(out).isDirectory();
  }

  /// Starts a run in a process of its own and sends it a signal once two blocks are journalled.
  private Run interrupt(Path out, String signal, Object... more)
      throws IOException, InterruptedException {
    try (CliProcess process = CliProcess.start(scratch, command(out, more))) {
      boolean reached = process.runsUntil(() -> journalLines() >= LINES_WITH_TWO_BLOCKS);
      assertThat(reached).as("two blocks before the end: %s", process.stderr()).isTrue();
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

  /// Six blocks with enough calibration that a block takes a noticeable time.
  private static Object[] command(Path out, Object... more) {
    List<Object> all = new ArrayList<>(List.of("quantize", Models.sixBlocks(), "-o", out));
    all.addAll(List.of("--samples", 4, "--seq-len", 128, "--threads", 1, "--eval-windows", 0));
    if (!List.of(more).contains("--method")) {
      all.addAll(List.of("--method", "mr-gptq"));
    }
    all.addAll(List.of(more));
    return all.toArray();
  }
}
