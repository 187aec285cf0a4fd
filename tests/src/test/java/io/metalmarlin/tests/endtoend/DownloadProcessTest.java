package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.metalmarlin.tests.support.CliProcess;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Downloads by processes of their own: a signal in the middle, and two at once.
class DownloadProcessTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final int SIZE = 4 << 20;
  private static final int STEP = 1 << 16;

  @TempDir private Path temp;
  private final AtomicLong sent = new AtomicLong();
  private final byte[] weights = weights();
  private HttpServer server;
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
  void serve() throws Exception {
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights));
    String list =
        "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"config.json\",\"size\":2,\"blobId\":\"9e26dfeeb6e641a33dae4961196235bdb965b21b\"},{\"rfilename\":\"model.safetensors\",\"lfs\":{\"sha256\":\"%s\",\"size\":%d}}]}"
            .formatted(COMMIT, sha256, weights.length);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    server.createContext(
        "/api/", e -> send(e, list.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE));
    server.createContext(
        "/org/name/resolve/" + COMMIT + "/config.json",
        e -> send(e, "{}".getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE));
    server.createContext(
        "/org/name/resolve/" + COMMIT + "/model.safetensors", e -> send(e, weights, SIZE / 2));
    server.start();
  }

  @AfterEach
  void stop() {
    gate.countDown();
    server.stop(0);
  }

  /// Sends what was asked for; behind `free` bytes only once the gate is open.
  private void send(HttpExchange e, byte[] content, int free) throws IOException {
    try (e) {
      String range = e.getRequestHeaders().getFirst("Range");
      int begin = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=|-.*", ""));
      if (range != null) {
        e.getResponseHeaders()
            .set(
                "Content-Range",
                "bytes " + begin + "-" + (content.length - 1) + "/" + content.length);
      }
      e.sendResponseHeaders(range == null ? 200 : 206, content.length - begin);
      for (int at = begin; at < content.length; at += STEP) {
        int n = Math.min(STEP, content.length - at);
        e.getResponseBody().write(content, at, n);
        sent.addAndGet(n);
        if (at - begin >= free) {
          gate.await();
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private CliProcess marlin() throws IOException {
    Map<String, String> environment =
        Map.of(
            "HF_ENDPOINT",
            "http://localhost:" + server.getAddress().getPort(),
            "HF_HOME",
            temp.toString(),
            "HF_HUB_OFFLINE",
            "0");
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
    sent.set(0);
    gate.countDown();
    try (CliProcess process = marlin()) {
      process.end().ok();
    }
    assertThat(sent.get()).as("bytes of the second run").isLessThan(weights.length - SIZE / 8);
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
    assertThat(sent.get()).isLessThan(weights.length + weights.length / 4);
  }
}
