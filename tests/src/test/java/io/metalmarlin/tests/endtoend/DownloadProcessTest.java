package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.FakeHub;
import io.metalmarlin.tests.support.CliProcess;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Downloads by processes of their own: a signal in the middle, and two at once.
class DownloadProcessTest {
  private static final int SIZE = 4 << 20;

  @TempDir private Path temp;
  private final FakeHub hub = new FakeHub();
  private final CountDownLatch gate = new CountDownLatch(1);

  private static byte[] weights() {
    byte[] header =
        "{\"w\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
            .formatted(SIZE, SIZE)
            .getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + header.length + SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  @BeforeEach
  void serve() {
    hub.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    hub.files.put("model.safetensors", weights());
    hub.always("model.safetensors", hub.gated(SIZE / 2, gate));
  }

  @AfterEach
  void stop() {
    gate.countDown();
    hub.close();
  }

  private CliProcess marlin() throws IOException {
    Map<String, String> environment =
        Map.of("HF_ENDPOINT", hub.endpoint(), "HF_HOME", temp.toString(), "HF_HUB_OFFLINE", "0");
    return CliProcess.start(environment, temp, "inspect", "org/name", "--json");
  }

  /// Bytes of the weights that have reached the disk.
  private long incomplete() {
    try (Stream<Path> blobs = Files.list(temp.resolve("hub/models--org--name/blobs"))) {
      return blobs
          .filter(b -> b.toString().endsWith(".incomplete"))
          .mapToLong(b -> b.toFile().length())
          .max()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void ctrl_c_keeps_what_came_and_says_how_to_go_on() throws Exception {
    try (CliProcess process = marlin()) {
      assertThat(process.runsUntil(() -> incomplete() > SIZE / 4)).isTrue();
      process.signal("INT");
      Run run = process.end();
      assertThat(run.exit()).as("%s", run).isEqualTo(130);
      assertThat(run.json().path("status").stringValue()).isEqualTo("interrupted");
      assertThat(run.err()).contains("Go on with: marlin inspect org/name --json");
    }
    hub.sent.set(0);
    gate.countDown();
    try (CliProcess process = marlin()) {
      process.end().ok();
    }
    assertThat(hub.sent.get()).as("bytes of the second run").isLessThan(SIZE - SIZE / 8);
  }

  @Test
  void two_processes_at_once_fetch_a_file_once() throws Exception {
    try (CliProcess one = marlin();
        CliProcess two = marlin()) {
      assertThat(one.runsUntil(() -> incomplete() > SIZE / 4)).isTrue();
      gate.countDown();
      one.end().ok();
      two.end().ok();
    }
    assertThat(hub.sent.get()).isLessThan(SIZE + SIZE / 4);
  }
}
