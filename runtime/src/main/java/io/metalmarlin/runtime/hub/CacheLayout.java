package io.metalmarlin.runtime.hub;

import java.nio.file.Path;

/// Where the files of one repository lie in the cache that huggingface_hub shares.
///
/// @param cache the folder with the `models--*` folders
/// @param name whose files
public record CacheLayout(Path cache, RepositoryName name) {
  Path repository() {
    return cache.resolve(name.folderName());
  }

  Path blob(String etag) {
    return repository().resolve("blobs").resolve(etag);
  }

  /// The file under its own name.
  Path pointer(String commit, String path) {
    return repository().resolve("snapshots").resolve(commit).resolve(path);
  }

  /// The commit of a branch or tag.
  Path ref() {
    return repository().resolve("refs").resolve(name.revision());
  }

  /// huggingface_hub takes the same lock.
  Path lock(String etag) {
    return cache.resolve(".locks").resolve(name.folderName()).resolve(etag + ".lock");
  }

  /// A file being filled at any position. Its name differs from what huggingface_hub appends to,
  /// which would take its length for the share that is there.
  Path incomplete(String etag) {
    return repository().resolve("blobs").resolve(etag + ".marlin.incomplete");
  }

  /// Which ranges of [#incomplete] are there.
  Path ranges(String etag) {
    return repository().resolve(".marlin").resolve(etag + ".ranges");
  }

  /// There when everything that a model needs was fetched, whatever the repository has.
  public Path whole(String commit) {
    return repository().resolve(".marlin").resolve(commit + ".whole");
  }

  /// There when marlin made the blob, so that it may delete it.
  Path own(String etag) {
    return repository().resolve(".marlin").resolve(etag + ".own");
  }
}
