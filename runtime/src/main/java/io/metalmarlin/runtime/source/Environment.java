package io.metalmarlin.runtime.source;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Folders named by environment variables; an empty variable counts as not set.
record Environment(Map<String, String> variables) {
  Optional<Path> folder(String name) {
    return Optional.ofNullable(variables.get(name)).filter(v -> !v.isEmpty()).map(Path::of);
  }

  Path home() {
    return folder("HOME").orElseGet(() -> Path.of(System.getProperty("user.home")));
  }
}
