package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.metalmarlin.cli.out.Terminal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model named `org/name`, from the command line to a server on this machine and back.
class DownloadTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  private static final byte[] CONFIG =
      "{\"model_type\":\"x\",\"auto_map\":{\"AutoModel\":\"modeling_x.X\"}}"
          .getBytes(StandardCharsets.UTF_8);

  @TempDir private Path temp;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void serve() throws Exception {
    byte[] weights = weights();
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(weights));
    String list =
        """
        {"sha": "%s", "siblings": [
          {"rfilename": "config.json"},
          {"rfilename": "modeling_x.py"},
          {"rfilename": "model.safetensors", "size": %d, "lfs": {"sha256": "%s", "size": %d}}]}
        """
            .formatted(COMMIT, weights.length, sha256, weights.length);
    Map<String, byte[]> answers =
        Map.of(
            "/api/models/org/name/revision/main",
            list.getBytes(StandardCharsets.UTF_8),
            "/org/name/resolve/" + COMMIT + "/config.json",
            CONFIG,
            "/org/name/resolve/" + COMMIT + "/model.safetensors",
            weights);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        e -> {
          try (e) {
            requests.add(e.getRequestURI().getPath());
            byte[] body = answers.get(e.getRequestURI().getPath());
            e.getResponseHeaders().set("ETag", "\"made-up\"");
            if (body == null || e.getRequestMethod().equals("HEAD")) {
              if (body != null) {
                e.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
              }
              e.sendResponseHeaders(body == null ? 404 : 200, -1);
            } else {
              e.sendResponseHeaders(200, body.length);
              e.getResponseBody().write(body);
            }
          }
        });
    server.start();
  }

  private static byte[] weights() {
    byte[] header =
        "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            .getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + header.length + 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private CommandLineRun marlin(String... arguments) {
    return CommandLineRun.in(
        temp,
        Terminal.NONE,
        Map.of(
            "HF_ENDPOINT",
            "http://localhost:" + server.getAddress().getPort(),
            "HF_HOME",
            temp.toString(),
            "HF_TOKEN",
            "hf_secret"),
        arguments);
  }

  @Test
  void a_model_is_fetched_once_and_then_found_without_the_network() {
    CommandLineRun first = marlin("inspect", "org/name", "--json");
    assertThat(first.err()).startsWith("downloading org/name at 0123456789ab: 2 files, ");
    assertThat(first.exit()).as(first.err()).isZero();
    assertThat(first.json().path("status").stringValue()).isEqualTo("ok");
    assertThat(first.json().path("warnings").toString())
        .contains("W104", "modeling_x.X", "W105", "config.json");
    assertThat(first.out() + first.err()).doesNotContain("hf_secret");
    assertThat(requests).noneMatch(r -> r.endsWith(".py"));
    requests.clear();
    assertThat(marlin("inspect", "org/name").exit()).isZero();
    assertThat(marlin("inspect", "org/name", "--offline").exit()).isZero();
    assertThat(requests).isEmpty();
  }

  @Test
  void offline_asks_nobody_and_names_what_is_missing() throws IOException {
    CommandLineRun run = marlin("inspect", "org/name", "--offline");
    assertThat(run.exit()).isEqualTo(7);
    assertThat(run.err()).startsWith("error[E701] org/name: ").contains("models--org--name");
    assertThat(requests).isEmpty();
  }

  @Test
  void a_name_that_nobody_knows_is_neither_here_nor_there() {
    CommandLineRun run = marlin("plan", "org/other");
    assertThat(run.exit()).isEqualTo(7);
    assertThat(run.err())
        .startsWith("error[E704] org/other: is neither a file or folder here nor a model on ")
        .doesNotContain("hf_secret");
  }
}
