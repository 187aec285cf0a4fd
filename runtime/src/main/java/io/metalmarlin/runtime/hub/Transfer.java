package io.metalmarlin.runtime.hub;

import java.util.Map;

/// What all files of one download share.
///
/// @param present bytes of a file, by etag, that an earlier download left
record Transfer(
    RepositoryName name,
    HubSettings settings,
    Patience patience,
    HubClient client,
    Listing listing,
    CacheStore store,
    Stop stop,
    DownloadListener listener,
    Map<String, Long> present) {
  /// The same without anybody told.
  Transfer silent() {
    return new Transfer(
        name, settings, patience, client, listing, store, stop, DownloadListener.NOBODY, present);
  }

  long present(HubFile file) {
    return present.getOrDefault(file.etag(), 0L);
  }
}
