package io.metalmarlin.runtime.hub;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What environment variables say; an empty variable counts as not set.
///
/// @param variables of the process ([System#getenv()]), or a stand-in
public record Environment(Map<String, String> variables) {
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

  /// A variable's text without blanks at its ends.
  public Optional<String> text(String name) {
    return Optional.ofNullable(variables.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  /// A folder or file; `~/` is the home folder.
  public Optional<Path> folder(String name) {
    return Optional.ofNullable(variables.get(name))
        .filter(v -> !v.isEmpty())
        .map(v -> v.startsWith("~/") ? home().resolve(v.substring(2)) : Path.of(v));
  }

  /// Whether a variable says 1, ON, YES or TRUE in any case, as huggingface_hub reads them.
  public boolean flag(String name) {
    return text(name).filter(v -> TRUE.contains(v.toUpperCase(Locale.ROOT))).isPresent();
  }

  /// The user's home folder.
  public Path home() {
    return Optional.ofNullable(variables.get("HOME"))
        .filter(v -> !v.isEmpty())
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home")));
  }
}
