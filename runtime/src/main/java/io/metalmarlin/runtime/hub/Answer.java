package io.metalmarlin.runtime.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;

/// What came back behind all redirects.
///
/// @param address where it came from
/// @param status 2xx, or 416
/// @param headers of the last answer
/// @param hub of the last answer that the hub itself gave, which knows the file's commit and etag
/// @param body to be read once, unpacked
record Answer(URI address, int status, HttpHeaders headers, HttpHeaders hub, InputStream body)
    implements AutoCloseable {
  /// The file's name in the cache: the digest the hub links to, else its etag, without quotes.
  Optional<String> etag() {
    return hub.firstValue("X-Linked-Etag")
        .or(() -> hub.firstValue("ETag"))
        .map(e -> e.replaceFirst("^W/", "").replace("\"", ""));
  }

  /// Bytes of the whole file, if the hub says so.
  OptionalLong linkedSize() {
    Optional<String> size = hub.firstValue("X-Linked-Size");
    return size.isPresent() ? number(size.get()) : length();
  }

  /// Bytes of the body, if the server says so.
  OptionalLong length() {
    return encoded() ? OptionalLong.empty() : headers.firstValueAsLong("Content-Length");
  }

  /// Whether the body came packed, though nobody asked for that.
  boolean encoded() {
    return encoded(headers);
  }

  static boolean encoded(HttpHeaders headers) {
    return !headers.firstValue("Content-Encoding").orElse("identity").equalsIgnoreCase("identity");
  }

  static OptionalLong number(String text) {
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
