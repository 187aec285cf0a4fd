package io.metalmarlin.tests.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk without room, and one that cannot be written: small file systems in memory, mounted here.
/// Needs the right to mount; without it the tests are skipped, or fail where CI=true.
class FullDiskTest {
  @TempDir Path work;
  private Path disk;

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      command("umount", "-l", disk.toString());
    }
  }

  @Test
  void a_disk_that_is_too_small_is_seen_before_the_first_byte() throws Exception {
    mount("size=256k");
    Run run = Cli.run("quantize", model(), "-o", disk.resolve("out"), "--method", "rtn");
    Refusal.isClear(run, "E312", List.of(disk.toString(), "free"));
    Refusal.leftNothing(disk, List.of());
  }

  @Test
  void a_disk_that_fills_up_during_the_run_leaves_nothing_half_written() throws Exception {
    mount("size=64m");
    Run run;
    try (Filler other = new Filler(disk)) {
      run =
          Cli.run(
              "quantize", model(), "-o", disk.resolve("out"), "--samples", 16, "--seq-len", 256);
      assertThat(other.filled()).as("the disk was full while marlin ran").isTrue();
    }
    Refusal.isClear(run, "E602", List.of(disk.toString()));
    Refusal.leftNothing(disk, List.of());
  }

  @Test
  void a_disk_that_is_read_only_cannot_be_written() throws Exception {
    mount("size=64m,ro");
    Run run = Cli.run("quantize", model(), "-o", disk.resolve("out"), "--method", "rtn");
    Refusal.isClear(run, "E601", List.of(disk.toString()));
  }

  private static Path model() {
    return Shared.path("models", "qwen3-7m");
  }

  private void mount(String options) throws Exception {
    Path folder = Files.createDirectories(work.resolve("disk"));
    if (command("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString()) == 0) {
      disk = folder;
      return;
    }
    String message = "cannot mount a tmpfs here (not root?): full disks are not tested";
    assertThat(System.getenv("CI")).as(message).isNotEqualTo("true");
    abort(message);
  }

  private static int command(String... words) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(words)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException noSuchCommand) {
      return -1;
    }
  }

  /// Another process that writes all the room away as soon as the run has begun to write.
  private static final class Filler implements AutoCloseable {
    private final Path disk;
    private final Path file;
    private final Thread thread = Thread.ofPlatform().unstarted(this::fill);
    private volatile boolean full;
    private volatile boolean stop;

    Filler(Path disk) {
      this.disk = disk;
      this.file = disk.resolve("somebody-elses-file");
      thread.start();
    }

    boolean filled() {
      return full;
    }

    private void fill() {
      try {
        while (!stop && Folders.names(disk).isEmpty()) {
          Thread.onSpinWait();
        }
        try (FileChannel out =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          ByteBuffer block = ByteBuffer.allocate(4096);
          while (!stop) {
            write(out, block.clear());
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void write(FileChannel out, ByteBuffer block) {
      try {
        out.write(block);
      } catch (IOException noSpaceLeft) {
        full = true;
      }
    }

    @Override
    public void close() throws IOException {
      stop = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Files.deleteIfExists(file);
    }
  }
}
