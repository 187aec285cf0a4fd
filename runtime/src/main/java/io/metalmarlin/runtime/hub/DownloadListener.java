package io.metalmarlin.runtime.hub;

/// Is told what a download does; called from several threads.
public interface DownloadListener {
  /// Listens to nothing.
  DownloadListener NOBODY =
      new DownloadListener() {
        @Override
        public void started(String spec, String commit, int files, long bytes, long present) {}

        @Override
        public void bytes(long more) {}

        @Override
        public void waiting(String file) {}

        @Override
        public void unverified(String file) {}
      };

  /// A download begins, or a further group of its files.
  ///
  /// @param spec as the user wrote it
  /// @param commit of the revision
  /// @param files that are not in the cache
  /// @param bytes of those files
  /// @param present of these bytes, left by an earlier download
  void started(String spec, String commit, int files, long bytes, long present);

  /// More bytes are here; negative when fetched bytes have to be fetched again.
  void bytes(long more);

  /// Another process fetches this file; its end is waited for.
  void waiting(String file);

  /// The server gave no digest of this file, so that only its size could be checked.
  void unverified(String file);
}
