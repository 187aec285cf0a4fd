package io.metalmarlin.runtime.source;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.hub.GgufChoice;
import io.metalmarlin.runtime.hub.HubSettings;
import io.metalmarlin.runtime.hub.RepositoryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The local Hugging Face cache, read only: `models--org--name/refs/REVISION` holds a commit,
/// `snapshots/COMMIT/` the files, as links into `blobs/` (huggingface_hub, "Understand caching").
///
/// @param root the folder with the `models--*` folders; need not exist
record HuggingFaceCache(Path root) {
  /// The cache that huggingface_hub would use: `HF_HUB_CACHE`, `HF_HOME/hub`,
  /// `$XDG_CACHE_HOME/huggingface/hub`, `~/.cache/huggingface/hub`.
  static HuggingFaceCache of(Map<String, String> variables) {
    return new HuggingFaceCache(HubSettings.cache(variables));
  }

  /// Whether anything of the repository is here.
  boolean holds(RepositoryName name) {
    return Files.isDirectory(root.resolve(name.folderName()));
  }

  /// The snapshot of a repository, complete as far as configuration and weights go.
  ///
  /// @throws MarlinException `OFFLINE_MISS`, or `FILE_UNREADABLE` when a link leads out of the
  ///   cache
  ResolvedModel resolve(RepositoryName name) {
    Path repository = root.resolve(name.folderName());
    if (!Files.isDirectory(repository)) {
      throw miss(name, "is not in the local Hugging Face cache: no folder " + repository);
    }
    String commit = commit(name, repository);
    Path snapshot = repository.resolve("snapshots").resolve(commit);
    if (!Files.isDirectory(snapshot)) {
      throw miss(name, "revision " + name.revision() + " has no folder " + snapshot);
    }
    refuseLinksOut(snapshot);
    Path model = name.file().isPresent() ? gguf(name, snapshot) : snapshot;
    List<String> missing = name.file().isPresent() ? List.of() : SnapshotFiles.missing(snapshot);
    if (!missing.isEmpty()) {
      throw miss(
          name, "is not complete in " + snapshot + ": missing " + String.join(", ", missing));
    }
    return new ResolvedModel(
        model,
        "%s at %s, Hugging Face cache %s".formatted(name.id(), commit, root),
        Optional.of(name.id()),
        Optional.of(commit));
  }

  /// The file that the part behind the colon names; for a split model the first one.
  private static Path gguf(RepositoryName name, Path snapshot) {
    try (Stream<Path> files = Files.walk(snapshot)) {
      List<String> paths =
          files
              .filter(Files::isRegularFile)
              .map(f -> snapshot.relativize(f).toString().replace('\\', '/'))
              .toList();
      List<String> chosen = GgufChoice.of(name, paths);
      List<String> missing = GgufChoice.missingParts(chosen);
      if (!missing.isEmpty()) {
        throw miss(name, "is not complete in the cache: missing " + String.join(", ", missing));
      }
      return snapshot.resolve(chosen.getFirst());
    } catch (IOException e) {
      throw unreadable(snapshot, "cannot be listed: " + e, e);
    } catch (MarlinException e) {
      if (e.code() == ErrorCode.REPOSITORY_MISSING) {
        throw miss(name, "is not in the cache: " + e.getMessage());
      }
      throw e;
    }
  }

  private String commit(RepositoryName name, Path repository) {
    Path ref = repository.resolve("refs").resolve(name.revision());
    if (!Files.isRegularFile(ref)) {
      if (RepositoryName.isCommit(name.revision())) {
        return name.revision();
      }
      throw miss(name, "revision " + name.revision() + " is not in the cache: no file " + ref);
    }
    refuseLinkOut(ref);
    String commit;
    try {
      commit = Files.readString(ref).strip();
    } catch (IOException e) {
      throw unreadable(ref, "cannot be read: " + e, e);
    }
    if (!RepositoryName.isCommit(commit)) {
      throw unreadable(ref, "does not hold a commit of 40 hexadecimal digits", null);
    }
    return commit;
  }

  private void refuseLinksOut(Path snapshot) {
    refuseLinkOut(snapshot);
    try (Stream<Path> files = Files.walk(snapshot)) {
      files.filter(Files::isSymbolicLink).filter(Files::exists).forEach(this::refuseLinkOut);
    } catch (IOException e) {
      throw unreadable(snapshot, "cannot be listed: " + e, e);
    }
  }

  private void refuseLinkOut(Path file) {
    try {
      Path real = file.toRealPath();
      if (!real.startsWith(root.toRealPath())) {
        throw unreadable(file, "is a link to " + real + ", outside the cache " + root, null);
      }
    } catch (IOException e) {
      throw unreadable(file, "cannot be followed: " + e, e);
    }
  }

  private static MarlinException miss(RepositoryName name, String message) {
    return new MarlinException(
        ErrorCode.OFFLINE_MISS,
        name.id(),
        message,
        "Leave out --offline and unset HF_HUB_OFFLINE to fetch it, or give a model folder.");
  }

  private static MarlinException unreadable(
      Path file, String message, @Nullable IOException cause) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        file.toString(),
        message,
        "Delete the repository's folder from the cache and download it again.",
        cause);
  }
}
