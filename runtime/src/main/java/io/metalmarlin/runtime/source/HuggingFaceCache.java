package io.metalmarlin.runtime.source;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
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
  private static final int COMMIT_LENGTH = 40;

  /// The cache that huggingface_hub would use: `HF_HUB_CACHE`, `HF_HOME/hub`,
  /// `$XDG_CACHE_HOME/huggingface/hub`, `~/.cache/huggingface/hub`.
  static HuggingFaceCache of(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return new HuggingFaceCache(
        environment
            .folder("HF_HUB_CACHE")
            .or(() -> environment.folder("HF_HOME").map(p -> p.resolve("hub")))
            .or(() -> environment.folder("XDG_CACHE_HOME").map(p -> p.resolve("huggingface/hub")))
            .orElseGet(() -> environment.home().resolve(".cache/huggingface/hub")));
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
    List<String> missing = SnapshotFiles.missing(snapshot);
    if (!missing.isEmpty()) {
      throw miss(
          name, "is not complete in " + snapshot + ": missing " + String.join(", ", missing));
    }
    return new ResolvedModel(
        snapshot,
        "%s at %s, Hugging Face cache %s".formatted(name.id(), commit, root),
        Optional.of(name.id()),
        Optional.of(commit));
  }

  private String commit(RepositoryName name, Path repository) {
    Path ref = repository.resolve("refs").resolve(name.revision());
    if (!Files.isRegularFile(ref)) {
      if (isCommit(name.revision())) {
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
    if (!isCommit(commit)) {
      throw unreadable(ref, "does not hold a commit of 40 hexadecimal digits", null);
    }
    return commit;
  }

  private static boolean isCommit(String text) {
    return text.length() == COMMIT_LENGTH
        && text.chars().allMatch(c -> Character.digit(c, 16) >= 0);
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
        "marlin does not download: fetch it with `hf download %s`, or give a model folder."
            .formatted(
                name.id()
                    + (name.revision().equals("main") ? "" : " --revision " + name.revision())));
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
