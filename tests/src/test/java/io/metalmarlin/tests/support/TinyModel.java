package io.metalmarlin.tests.support;

import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A small random model with reference values: of the shared test data, or of our own that
/// `tests/oracle/tiny.py` makes.
///
/// @param family its `model_type`
public record TinyModel(String family, Path folder) {
  private static final Path OWN = Path.of("..", "runtime", "src", "test", "resources", "tiny");

  /// All of them, those of the shared data first.
  public static List<TinyModel> all() {
    return Stream.of(Shared.path("models", "tiny"), OWN)
        .flatMap(parent -> folders(parent).stream())
        .filter(f -> Files.exists(f.resolve("golden.safetensors")))
        .map(f -> new TinyModel(ModelConfigs.read(f).modelType(), f))
        .toList();
  }

  private static List<Path> folders(Path parent) {
    try (Stream<Path> list = Files.list(parent)) {
      return list.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The name of its folder.
  public String name() {
    return folder.getFileName().toString();
  }

  @Override
  public String toString() {
    return name();
  }
}
