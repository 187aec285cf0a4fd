package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/// Single requests to the hub, redirects followed. The access token goes to the hub's own address
/// and never to another host.
final class HubClient implements AutoCloseable {
  private static final int MOST_REDIRECTS = 10;
  private static final long POLL_MILLIS = 100;
  private static final Pattern ILLEGAL = Pattern.compile("[ \"<>\\\\^`{|}\\x7f-\\xff]");
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final HubSettings settings;
  private final Patience patience;
  private final Stop stop;
  private final HttpClient http;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          r -> Thread.ofPlatform().daemon().name("marlin-download-clock").unstarted(r));

  HubClient(HubSettings settings, Patience patience, Stop stop) {
    this.settings = settings;
    this.patience = patience;
    this.stop = stop;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(
                patience.silence().compareTo(CONNECT) < 0 ? patience.silence() : CONNECT)
            .build();
  }

  /// One try.
  ///
  /// @param method GET or HEAD
  /// @param stay stop at a redirect that leaves the hub and describes the file, and return it
  /// @return an answer whose status is 2xx, 416, or with `stay` 3xx; to be closed
  /// @throws TransientFailure when another try may succeed
  /// @throws MarlinException when it cannot
  Answer send(
      String method, URI address, RepositoryName name, Map<String, String> headers, boolean stay)
      throws IOException {
    URI at = address;
    HttpHeaders hub = HttpHeaders.of(Map.of(), (k, v) -> true);
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      stop.check();
      HttpResponse<InputStream> response = once(method, at, headers);
      int status = response.statusCode();
      if (ours(at)) {
        hub = response.headers();
      }
      boolean redirect = status >= 300 && status < 400 && status != 304;
      if (!redirect) {
        return checked(name, at, response, hub);
      }
      URI next = next(at, response);
      if (stay && !ours(next) && response.headers().firstValue("X-Linked-Size").isPresent()) {
        return new Answer(next, status, response.headers(), hub, response.body());
      }
      response.body().close();
      at = next;
    }
    throw new IOException("more than " + MOST_REDIRECTS + " redirects");
  }

  private HttpResponse<InputStream> once(String method, URI at, Map<String, String> headers)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(patience.silence())
            .header("User-Agent", "marlin")
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (ours(at)) {
      settings.token().ifPresent(t -> request.header("Authorization", t.header()));
    }
    CompletableFuture<HttpResponse<InputStream>> sent =
        http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    while (true) {
      try {
        return sent.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (stop.asked()) {
          sent.cancel(true);
          stop.check();
        }
      } catch (InterruptedException e) {
        sent.cancel(true);
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      } catch (ExecutionException e) {
        throw reason(at, e.getCause());
      }
    }
  }

  private static IOException reason(URI at, Throwable cause) {
    if (cause instanceof ConnectException) {
      return new IOException("no connection to " + at.getHost(), cause);
    }
    if (cause instanceof IOException e) {
      return e;
    }
    throw new IllegalStateException("a request broke", cause);
  }

  private Answer checked(
      RepositoryName name, URI at, HttpResponse<InputStream> response, HttpHeaders hub)
      throws IOException {
    int status = response.statusCode();
    if (status / 100 == 2 || status == 416) {
      InputStream body = new WatchedStream(response.body(), patience.silence(), stop, clock);
      return new Answer(at, status, response.headers(), hub, unpacked(at, response, body));
    }
    response.body().close();
    throw HubErrors.of(name, at, ours(at), response, settings);
  }

  /// Some proxies pack what they were asked to leave as it is.
  private static InputStream unpacked(URI at, HttpResponse<InputStream> response, InputStream body)
      throws IOException {
    boolean empty = response.request().method().equals("HEAD");
    if (!Answer.encoded(response.headers()) || empty || response.statusCode() != 200) {
      return body;
    }
    String encoding = response.headers().firstValue("Content-Encoding").orElseThrow();
    if (encoding.equalsIgnoreCase("gzip")) {
      try {
        return new GZIPInputStream(body);
      } catch (IOException e) {
        body.close();
        throw e;
      }
    }
    body.close();
    throw new MarlinException(
        ErrorCode.NETWORK_FAILED,
        HubErrors.plain(at),
        "is sent in an encoding that was not asked for: " + encoding,
        "Check HF_ENDPOINT and the proxy in between.");
  }

  private URI next(URI at, HttpResponse<InputStream> response) throws IOException {
    String location = response.headers().firstValue("Location").orElse("");
    try {
      URI next = at.resolve(escaped(location));
      String scheme = next.getScheme() == null ? "" : next.getScheme().toLowerCase(Locale.ROOT);
      boolean weaker = scheme.equals("http") && at.getScheme().equalsIgnoreCase("https");
      if (next.getHost() != null && !location.isEmpty() && scheme.startsWith("http") && !weaker) {
        return next;
      }
    } catch (IllegalArgumentException e) {
      response.body().close();
      throw badRedirect(at, e);
    }
    response.body().close();
    throw badRedirect(at, new IOException("no https address"));
  }

  /// Characters that no address may hold, some servers send all the same; browsers escape them.
  private static String escaped(String location) {
    return ILLEGAL.matcher(location).replaceAll(m -> "%%%02X".formatted((int) m.group().charAt(0)));
  }

  private static MarlinException badRedirect(URI at, Exception e) {
    return new MarlinException(
        ErrorCode.NETWORK_FAILED,
        HubErrors.plain(at),
        "redirects to something that is no address, or from https to http",
        "Check HF_ENDPOINT and the proxy in between.",
        e);
  }

  /// Whether an address is the hub's own: same scheme, host and port.
  private boolean ours(URI at) {
    URI hub = settings.endpoint();
    return at.getScheme().equalsIgnoreCase(hub.getScheme())
        && at.getHost().equalsIgnoreCase(hub.getHost())
        && port(at) == port(hub);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0
        ? uri.getPort()
        : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  @Override
  public void close() {
    clock.shutdownNow();
    http.shutdownNow();
    http.close();
  }
}
