package io.metalmarlin.formats.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// Finds the shared data (models, peers' packs, golden files, texts) that lies beside the
/// repository and is never part of it.
///
/// The folder is the first `A/shared` that holds a `README.md`, `A` being the working directory or
/// one of its ancestors. A test that asks for something missing is skipped with a message naming
/// it; where the environment says `CI=true` it fails instead, so that a build server cannot quietly
/// test nothing.
public final class Shared {
  private static final Optional<Path> ROOT = find();

  private Shared() {}

  /// A file or folder of the shared data, for example `path("models", "qwen3-7m")`. Ends the test
  /// (skipped, or failed under CI) when it is missing.
  public static Path path(String first, String... more) {
    Path wanted = Path.of(first, more);
    Optional<Path> found = ROOT.map(r -> r.resolve(wanted)).filter(Files::exists);
    if (found.isPresent()) {
      return found.get();
    }
    String message = "shared/" + wanted + " is missing beside the repository";
    if ("true".equals(System.getenv("CI"))) {
      Assertions.fail(message);
    }
    Assumptions.abort(message);
    throw new AssertionError(message);
  }

  /// Whether the file or folder is there, for tests that have something to do without it.
  public static boolean has(String first, String... more) {
    return ROOT.map(r -> r.resolve(Path.of(first, more))).filter(Files::exists).isPresent();
  }

  private static Optional<Path> find() {
    for (Path a = Path.of("").toAbsolutePath(); a != null; a = a.getParent()) {
      Path shared = a.resolve("shared");
      if (Files.exists(shared.resolve("README.md"))) {
        return Optional.of(shared);
      }
    }
    return Optional.empty();
  }
}
