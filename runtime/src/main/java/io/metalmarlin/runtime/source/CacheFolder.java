package io.metalmarlin.runtime.source;

import io.metalmarlin.runtime.hub.Environment;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// The user's folder for things that can be made again, such as the unpacked demo.
public final class CacheFolder {
  private CacheFolder() {}

  /// `$XDG_CACHE_HOME/marlin`, else `~/Library/Caches/marlin` on macOS and `~/.cache/marlin`
  /// elsewhere. The folder need not exist.
  public static Path of(Map<String, String> environment) {
    return of(environment, System.getProperty("os.name", ""));
  }

  static Path of(Map<String, String> environment, String system) {
    Environment variables = new Environment(environment);
    boolean mac = system.toLowerCase(Locale.ROOT).startsWith("mac");
    return variables
        .folder("XDG_CACHE_HOME")
        .orElseGet(() -> variables.home().resolve(mac ? "Library/Caches" : ".cache"))
        .resolve("marlin");
  }
}
