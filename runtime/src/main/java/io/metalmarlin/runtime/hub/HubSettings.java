package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the hub and its cache are, and what may be done with them, as huggingface_hub reads the
/// environment.
///
/// @param endpoint without a slash at its end (`HF_ENDPOINT`)
/// @param cache the folder with the `models--*` folders; need not exist
/// @param token empty for none
/// @param links snapshots hold links into `blobs/`; else the files themselves
public record HubSettings(URI endpoint, Path cache, Optional<AccessToken> token, boolean links) {
  private static final String DEFAULT_ENDPOINT = "https://huggingface.co";

  /// `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_DISABLE_SYMLINKS` and what [#cache(Map)]
  /// reads.
  ///
  /// @throws MarlinException `BAD_FLAG` for an endpoint that is no URL, `ACCESS_DENIED` for a
  ///   broken token
  public static HubSettings of(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return new HubSettings(
        endpoint(environment.text("HF_ENDPOINT").orElse(DEFAULT_ENDPOINT)),
        cache(variables),
        AccessToken.of(environment, home(environment)),
        !environment.flag("HF_HUB_DISABLE_SYMLINKS"));
  }

  /// Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` forbids every request.
  public static boolean offline(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return environment.flag("HF_HUB_OFFLINE") || environment.flag("TRANSFORMERS_OFFLINE");
  }

  /// The cache that huggingface_hub would use: `HF_HUB_CACHE`, `HF_HOME/hub`,
  /// `$XDG_CACHE_HOME/huggingface/hub`, `~/.cache/huggingface/hub`.
  public static Path cache(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return environment
        .folder("HF_HUB_CACHE")
        .or(() -> environment.folder("HUGGINGFACE_HUB_CACHE"))
        .orElseGet(() -> home(environment).resolve("hub"));
  }

  private static Path home(Environment environment) {
    return environment
        .folder("HF_HOME")
        .or(() -> environment.folder("XDG_CACHE_HOME").map(p -> p.resolve("huggingface")))
        .orElseGet(() -> environment.home().resolve(".cache/huggingface"));
  }

  private static URI endpoint(String text) {
    String trimmed = text.replaceFirst("/+$", "");
    try {
      URI uri = URI.create(trimmed);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if (uri.getHost() != null && (scheme.equals("https") || scheme.equals("http"))) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw badEndpoint(text, e);
    }
    throw badEndpoint(text, null);
  }

  private static MarlinException badEndpoint(String text, @Nullable Throwable cause) {
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        "HF_ENDPOINT " + text,
        "is not an http or https address",
        "Write it like " + DEFAULT_ENDPOINT + ", or unset it.",
        cause);
  }
}
