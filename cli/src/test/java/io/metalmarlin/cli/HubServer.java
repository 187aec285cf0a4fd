package io.metalmarlin.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/// An honest hub on this machine with one model, `org/name`.
final class HubServer implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  final Map<String, byte[]> files = new TreeMap<>();
  final List<String> requests = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  HubServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    server.createContext("/", this::answer);
    server.start();
  }

  String endpoint() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange e) throws IOException {
    try (e) {
      String path = e.getRequestURI().getPath();
      requests.add(path);
      String prefix = "/org/name/resolve/" + COMMIT + "/";
      byte[] body =
          path.equals("/api/models/org/name/revision/main")
              ? list().getBytes(StandardCharsets.UTF_8)
              : path.startsWith(prefix) ? files.get(path.substring(prefix.length())) : null;
      if (body == null) {
        e.sendResponseHeaders(404, -1);
        return;
      }
      e.getResponseHeaders().set("ETag", "\"made-up\"");
      e.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      String range = e.getRequestHeaders().getFirst("Range");
      if (e.getRequestMethod().equals("HEAD")) {
        e.sendResponseHeaders(200, -1);
      } else if (range == null) {
        e.sendResponseHeaders(200, body.length);
        e.getResponseBody().write(body);
      } else {
        String[] ends = range.replace("bytes=", "").split("-");
        int begin = Integer.parseInt(ends[0]);
        int end = Integer.parseInt(ends[1]) + 1;
        e.getResponseHeaders()
            .set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + body.length);
        e.sendResponseHeaders(206, end - begin);
        e.getResponseBody().write(body, begin, end - begin);
      }
    }
  }

  /// Documents come without size and digest, weights with both.
  private String list() {
    return files.entrySet().stream()
        .map(f ->
            f.getKey().endsWith(".safetensors")
                ? "{\"rfilename\":\"%s\",\"lfs\":{\"sha256\":\"%s\",\"size\":%d}}"
                    .formatted(f.getKey(), sha256(f.getValue()), f.getValue().length)
                : "{\"rfilename\":\"" + f.getKey() + "\"}")
        .collect(Collectors.joining(",", "{\"sha\":\"" + COMMIT + "\",\"siblings\":[", "]}"));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
