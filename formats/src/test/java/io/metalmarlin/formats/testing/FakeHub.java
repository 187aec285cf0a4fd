package io.metalmarlin.formats.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A hub and the store behind it, on two ports of this machine, that can be told to misbehave.
public final class FakeHub implements AutoCloseable {
  public static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /// Answers a request in its own way; false leaves it to the server.
  @FunctionalInterface
  public interface Fault {
    boolean answer(HttpExchange exchange, byte[] content) throws IOException;
  }

  /// @param server `hub` or `store`
  /// @param range header, or null
  /// @param token header, or null
  public record Request(
      String server, String method, String path, @Nullable String range, @Nullable String token) {}

  public final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

  /// Bytes of bodies.
  public final AtomicLong sent = new AtomicLong();

  /// File to content; a name ending in `.safetensors` or `.gguf` is kept in the store.
  public final Map<String, byte[]> files = new TreeMap<>();

  /// File to what goes wrong with its next requests, one after the other.
  private final Map<String, ConcurrentLinkedDeque<Fault>> once = new ConcurrentHashMap<>();

  private final Map<String, Fault> always = new ConcurrentHashMap<>();
  private final HttpServer hub;
  private final HttpServer store;
  private final CountDownLatch closed = new CountDownLatch(1);

  /// The list of files comes without sizes and digests.
  public boolean bare;

  /// Starts both servers.
  public FakeHub() {
    hub = server("hub");
    store = server("store");
  }

  private HttpServer server(String name) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
      server.createContext("/", e -> handle(name, e));
      server.start();
      return server;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Its address.
  public String endpoint() {
    return "http://localhost:" + hub.getAddress().getPort();
  }

  /// The address of the store behind it.
  public String storeAddress() {
    return "http://localhost:" + store.getAddress().getPort();
  }

  /// What the next requests for a file meet, one after the other.
  public void next(String file, Fault... faults) {
    once.computeIfAbsent(file, f -> new ConcurrentLinkedDeque<>()).addAll(Arrays.asList(faults));
  }

  /// What every other request for a file meets.
  public void always(String file, Fault fault) {
    always.put(file, fault);
  }

  /// Nothing goes wrong any more.
  public void heal() {
    once.clear();
    always.clear();
  }

  /// The requests for one file.
  public List<Request> requestsFor(String file) {
    synchronized (requests) {
      return requests.stream().filter(r -> r.path().endsWith("/" + file)).toList();
    }
  }

  private void handle(String server, HttpExchange e) throws IOException {
    try (e) {
      String path = e.getRequestURI().getPath();
      String file = path.startsWith("/api/") ? "api" : path.replaceFirst("^.*/" + COMMIT + "/", "");
      requests.add(
          new Request(
              server,
              e.getRequestMethod(),
              path,
              e.getRequestHeaders().getFirst("Range"),
              e.getRequestHeaders().getFirst("Authorization")));
      byte[] content =
          file.equals("api")
              ? list().getBytes(StandardCharsets.UTF_8)
              : files.getOrDefault(file, new byte[0]);
      boolean stored = stored(file);
      // "hub:FILE" is the hub's answer about a file of the store.
      String key = server.equals("hub") && stored ? "hub:" + file : file;
      ConcurrentLinkedDeque<Fault> queue = once.get(key);
      Fault fault = queue == null ? null : queue.poll();
      fault = fault == null ? always.get(key) : fault;
      if (fault != null && fault.answer(e, content)) {
        return;
      }
      if (!file.equals("api") && !files.containsKey(file)) {
        status(404, "X-Error-Code", "EntryNotFound").answer(e, content);
      } else if (server.equals("hub") && !file.equals("api")) {
        e.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        if (stored) {
          e.getResponseHeaders().set("X-Linked-Etag", '"' + sha256(content) + '"');
          e.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
          e.getResponseHeaders().set("Location", storeAddress() + path + "?signature=secret");
          e.sendResponseHeaders(302, -1);
        } else {
          e.getResponseHeaders().set("ETag", '"' + gitId(content) + '"');
          send(e, content);
        }
      } else {
        send(e, content);
      }
    }
  }

  private static boolean stored(String file) {
    return file.endsWith(".safetensors") || file.endsWith(".gguf");
  }

  private String list() {
    StringBuilder out = new StringBuilder("{\"sha\":\"" + COMMIT + "\",\"siblings\":[");
    files.forEach((name, content) -> {
      out.append(out.toString().endsWith("[") ? "" : ",");
      out.append("{\"rfilename\":\"").append(name).append('"');
      if (!bare) {
        out.append(",\"size\":" + content.length);
        out.append(",\"blobId\":\"" + gitId(content) + "\"");
        if (stored(name)) {
          out.append(",\"lfs\":{\"sha256\":\"" + sha256(content) + "\",\"size\":");
          out.append(content.length + "}");
        }
      }
      out.append('}');
    });
    return out + "]}";
  }

  /// An honest answer, ranges included.
  public void send(HttpExchange e, byte[] content) throws IOException {
    String range = e.getRequestHeaders().getFirst("Range");
    int begin = 0;
    int end = content.length;
    if (range != null) {
      String[] parts = range.replace("bytes=", "").split("-");
      begin = Integer.parseInt(parts[0]);
      end = Integer.parseInt(parts[1]) + 1;
      e.getResponseHeaders()
          .set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + content.length);
    }
    boolean head = e.getRequestMethod().equals("HEAD");
    if (head) {
      e.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
    }
    e.sendResponseHeaders(range == null ? 200 : 206, head ? -1 : end == begin ? -1 : end - begin);
    if (!head) {
      write(e, content, begin, end);
    }
  }

  /// Sends a part of the content.
  public void write(HttpExchange e, byte[] content, int begin, int end) throws IOException {
    OutputStream out = e.getResponseBody();
    int step = 1 << 12;
    for (int at = begin; at < end; at += step) {
      int n = Math.min(step, end - at);
      out.write(content, at, n);
      sent.addAndGet(n);
    }
    out.flush();
  }

  /// Sends the right headers and then only `bytes` of the body.
  public Fault cut(int bytes) {
    return (e, content) -> {
      String range = e.getRequestHeaders().getFirst("Range");
      int begin = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=|-.*", ""));
      int end = range == null ? content.length : Integer.parseInt(range.replaceAll(".*-", "")) + 1;
      if (range != null) {
        e.getResponseHeaders()
            .set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + content.length);
      }
      e.sendResponseHeaders(range == null ? 200 : 206, end - begin);
      write(e, content, begin, Math.min(end, begin + bytes));
      return true;
    };
  }

  /// Answers as told, then keeps the connection open without a word until the hub is closed.
  public Fault thenSilent(Fault first) {
    return (e, content) -> {
      first.answer(e, content);
      try {
        closed.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      return true;
    };
  }

  /// Sends what was asked for; what lies behind `free` bytes only once the gate is open.
  public Fault gated(int free, CountDownLatch gate) {
    return (e, content) -> {
      String range = e.getRequestHeaders().getFirst("Range");
      int begin = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=|-.*", ""));
      if (range != null) {
        e.getResponseHeaders()
            .set(
                "Content-Range",
                "bytes " + begin + "-" + (content.length - 1) + "/" + content.length);
      }
      e.sendResponseHeaders(range == null ? 200 : 206, content.length - begin);
      int middle = Math.min(content.length, begin + free);
      write(e, content, begin, middle);
      try {
        gate.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      write(e, content, middle, content.length);
      return true;
    };
  }

  /// Sends everything whatever was asked.
  public Fault whole() {
    return (e, content) -> {
      e.sendResponseHeaders(200, content.length);
      write(e, content, 0, content.length);
      return true;
    };
  }

  /// Sends other bytes of the same number.
  public Fault damaged() {
    return (e, content) -> {
      byte[] other = content.clone();
      other[other.length / 2] ^= 1;
      send(e, other);
      return true;
    };
  }

  /// Answers with a status and headers, two texts each.
  public static Fault status(int status, String... headers) {
    return (e, content) -> {
      for (int i = 0; i < headers.length; i += 2) {
        e.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      e.sendResponseHeaders(status, -1);
      return true;
    };
  }

  /// In hexadecimal digits.
  public static String sha256(byte[] content) {
    return digest("SHA-256", content);
  }

  /// The id that git gives the content.
  public static String gitId(byte[] content) {
    byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(head, head.length + content.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return digest("SHA-1", all);
  }

  private static String digest(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    hub.stop(0);
    store.stop(0);
  }
}
