package io.metalmarlin.runtime.source;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;

/// Finds the model that a user names: a path, `demo`, or `org/name[@revision]`. Never uses the
/// network.
public final class ModelSource {
  private final HuggingFaceCache cache;
  private final List<DemoProvider> demos;

  /// @param environment the process environment ([System#getenv()]), or a stand-in
  public ModelSource(Map<String, String> environment) {
    this(
        environment,
        ServiceLoader.load(DemoProvider.class, ModelSource.class.getClassLoader()).stream()
            .map(Provider::get)
            .toList());
  }

  ModelSource(Map<String, String> environment, List<DemoProvider> demos) {
    this.cache = HuggingFaceCache.of(environment);
    this.demos = demos;
  }

  /// Where `spec` lies. What exists as a path wins over the other two meanings, and the description
  /// says so.
  ///
  /// @param workFolder below it the demo is unpacked ([CacheFolder])
  /// @throws MarlinException `OFFLINE_MISS` when a repository is not in the local cache or not
  ///   complete there; `FILE_MISSING` when the spec is nothing that exists; `FILE_UNREADABLE` when
  ///   the cache leads outside of itself
  public ResolvedModel resolve(String spec, Path workFolder) {
    Optional<Path> local = existing(spec);
    if (local.isPresent()) {
      return new ResolvedModel(
          local.get(), localDescription(spec, local.get()), Optional.empty(), Optional.empty());
    }
    for (DemoProvider demo : demos) {
      if (demo.name().equals(spec)) {
        Path folder = demo.unpack(workFolder);
        return new ResolvedModel(
            folder, "embedded demo, in " + folder, Optional.empty(), Optional.empty());
      }
    }
    return RepositoryName.parse(spec).map(cache::resolve).orElseThrow(() -> missing(spec));
  }

  private static Optional<Path> existing(String spec) {
    try {
      return spec.isEmpty() ? Optional.empty() : Optional.of(Path.of(spec)).filter(Files::exists);
    } catch (InvalidPathException e) {
      // What cannot be a path here may still be a name; if not, FILE_MISSING is thrown by the
      // caller.
      return Optional.empty();
    }
  }

  private String localDescription(String spec, Path path) {
    String kind = Files.isDirectory(path) ? "local folder " : "local file ";
    if (demos.stream().anyMatch(d -> d.name().equals(spec))) {
      return kind + path + " (not the embedded demo of the same name)";
    }
    boolean alsoName = RepositoryName.parse(spec).filter(cache::holds).isPresent();
    return kind + path + (alsoName ? " (not the cached repository of the same name)" : "");
  }

  private MarlinException missing(String spec) {
    List<String> names = demos.stream().map(DemoProvider::name).toList();
    return new MarlinException(
        ErrorCode.FILE_MISSING,
        spec.isEmpty() ? "MODEL" : spec,
        "there is no such file or folder",
        "Give a model folder, "
            + (names.isEmpty() ? "" : String.join(", ", names) + ", ")
            + "or org/name of a model in the local Hugging Face cache.");
  }
}
