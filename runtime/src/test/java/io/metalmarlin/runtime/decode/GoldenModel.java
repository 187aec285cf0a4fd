package io.metalmarlin.runtime.decode;

import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A folder with a small model of a registered family and reference values of it.
record GoldenModel(String family, Path folder) {
  /// Those of the shared test data and our own, whose generator is `tests/oracle/tiny.py`.
  static Stream<GoldenModel> all() {
    Set<String> known =
        Architectures.ALL.stream().map(Architecture::modelType).collect(Collectors.toSet());
    return Stream.of(Shared.path("models", "tiny"), Path.of("src/test/resources/tiny"))
        .filter(Files::isDirectory)
        .flatMap(f -> folders(f).stream())
        .filter(f -> Files.exists(f.resolve("golden.safetensors")))
        .map(f -> new GoldenModel(ModelConfigs.read(f).modelType(), f))
        .filter(g -> known.contains(g.family()));
  }

  private static List<Path> folders(Path parent) {
    try (Stream<Path> list = Files.list(parent)) {
      return list.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Golden open() {
    return Golden.open(folder.resolve("golden.safetensors"));
  }

  @Override
  public String toString() {
    return folder.getFileName().toString();
  }
}
