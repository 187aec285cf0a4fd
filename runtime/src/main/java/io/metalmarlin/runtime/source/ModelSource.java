package io.metalmarlin.runtime.source;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.hub.RepositoryName;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;
import java.util.function.Consumer;

/// Finds the model that a user names: a path, `demo`, or `org/name[@revision][:FILE]`, which lies
/// in the local cache or is fetched into it. What the cache holds whole is taken as it is, without
/// a question to the hub.
public final class ModelSource {
  private final HuggingFaceCache cache;
  private final List<DemoProvider> demos;
  private final Optional<Consumer<RepositoryName>> hub;

  /// @param environment the process environment ([System#getenv()]), or a stand-in
  /// @param hub brings a repository into the cache; empty offline
  public ModelSource(Map<String, String> environment, Optional<Consumer<RepositoryName>> hub) {
    this(
        environment,
        hub,
        ServiceLoader.load(DemoProvider.class, ModelSource.class.getClassLoader()).stream()
            .map(Provider::get)
            .toList());
  }

  ModelSource(
      Map<String, String> environment,
      Optional<Consumer<RepositoryName>> hub,
      List<DemoProvider> demos) {
    this.hub = hub;
    this.cache = HuggingFaceCache.of(environment);
    this.demos = demos;
  }

  /// Where `spec` lies. What exists as a path wins over the other two meanings, and the description
  /// says so.
  ///
  /// @param workFolder below it the demo is unpacked ([CacheFolder])
  /// @throws MarlinException `OFFLINE_MISS` when offline and a repository is not in the local cache
  ///   or not complete there; whatever `hub` throws; `FILE_MISSING` when the spec is nothing that
  ///   exists; `FILE_UNREADABLE` when the cache leads outside of itself
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
    return RepositoryName.parse(spec).map(this::repository).orElseThrow(() -> missing(spec));
  }

  /// Whether the cache holds the repository whole.
  public boolean cached(RepositoryName name) {
    try {
      cache.resolve(name);
      return true;
    } catch (MarlinException e) {
      if (e.code() == ErrorCode.OFFLINE_MISS) {
        return false;
      }
      throw e;
    }
  }

  private ResolvedModel repository(RepositoryName name) {
    try {
      ResolvedModel found = cache.resolve(name);
      if (hub.isEmpty() || !cache.lacksTokenizer(name, found)) {
        return found;
      }
    } catch (MarlinException e) {
      if (e.code() != ErrorCode.OFFLINE_MISS || hub.isEmpty()) {
        throw e;
      }
    }
    hub.get().accept(name);
    return cache.resolve(name);
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
            + "or org/name of a model on the Hugging Face Hub.");
  }
}
