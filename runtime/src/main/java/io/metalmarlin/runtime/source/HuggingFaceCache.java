package io.metalmarlin.runtime.source;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.hub.CacheLayout;
import io.metalmarlin.runtime.hub.GgufChoice;
import io.metalmarlin.runtime.hub.HubSettings;
import io.metalmarlin.runtime.hub.RepositoryName;
import io.metalmarlin.runtime.text.Tokenizers;
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
    Optional<Path> gguf = gguf(name, snapshot, files(snapshot));
    List<String> missing = gguf.isPresent() ? List.of() : SnapshotFiles.missing(snapshot);
    if (!missing.isEmpty()) {
      throw incomplete(name, snapshot, missing);
    }
    return new ResolvedModel(
        gguf.orElse(snapshot),
        "%s at %s, Hugging Face cache %s".formatted(name.id(), commit, root),
        Optional.of(name.id()),
        Optional.of(commit));
  }

  /// Whether a resolved model may lack its tokenizer only because nobody fetched it: programs that
  /// load weights alone leave such snapshots.
  boolean lacksTokenizer(RepositoryName name, ResolvedModel found) {
    Path asked = new CacheLayout(root, name).whole(found.revision().orElseThrow());
    return Files.isDirectory(found.folder())
        && files(found.folder()).stream()
            .noneMatch(f -> Tokenizers.isFile(f) || f.endsWith(".gguf"))
        && !Files.exists(asked);
  }

  /// Where a model in GGUF lies: the snapshot, for what stands beside the file, unless that holds
  /// others too or a certain file is asked for; then the file, of a split model the first one.
  /// Empty where the model is none in GGUF.
  private static Optional<Path> gguf(RepositoryName name, Path snapshot, List<String> files) {
    if (!GgufChoice.applies(name, files)) {
      return Optional.empty();
    }
    try {
      List<String> chosen = GgufChoice.of(name, files);
      List<String> missing = GgufChoice.missingParts(chosen);
      if (!missing.isEmpty()) {
        throw incomplete(name, snapshot, missing);
      }
      boolean alone =
          name.file().isEmpty()
              && files.stream().filter(f -> f.endsWith(".gguf")).allMatch(chosen::contains)
              && chosen.stream().noneMatch(f -> f.contains("/"));
      return chosen.stream().findFirst().map(f -> alone ? snapshot : snapshot.resolve(f));
    } catch (MarlinException e) {
      if (e.code() == ErrorCode.REPOSITORY_MISSING) {
        throw miss(name, "is not in the cache: " + e.getMessage());
      }
      throw e;
    }
  }

  /// The files that are there, with `/` between the parts of their names.
  private static List<String> files(Path snapshot) {
    try (Stream<Path> files = Files.walk(snapshot)) {
      return files
          .filter(Files::isRegularFile)
          .map(f -> snapshot.relativize(f).toString().replace('\\', '/'))
          .toList();
    } catch (IOException e) {
      throw unreadable(snapshot, "cannot be listed: " + e, e);
    }
  }

  private static MarlinException incomplete(
      RepositoryName name, Path snapshot, List<String> missing) {
    return miss(name, "is not complete in " + snapshot + ": missing " + String.join(", ", missing));
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
