package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.runtime.hub.HubSettings;
import io.metalmarlin.runtime.hub.OwnShards;
import io.metalmarlin.runtime.hub.RepositoryName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What `--delete-source-shards` deletes: weights that marlin itself downloaded, once their last
/// reader is done.
///
/// @param name the repository
/// @param cache where its files lie
record ShardDeletion(RepositoryName name, Path cache) {
  private static final String FLAG = "--delete-source-shards";

  /// Empty without the flag.
  ///
  /// @param files the model's weights
  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG` with the reason why they must stay
  static Optional<ShardDeletion> of(
      boolean asked, NamedModel source, List<Path> files, Session session) {
    if (!asked) {
      return Optional.empty();
    }
    Optional<RepositoryName> name = RepositoryName.parse(source.source());
    Path cache = HubSettings.cache(session.environment());
    Optional<String> objection =
        name.isEmpty() || !source.cached()
            ? Optional.of(source.folder() + " is no download of a model org/name")
            : OwnShards.objection(cache, name.get(), files);
    if (objection.isPresent()) {
      throw UsageErrors.conflict(
          FLAG,
          "deletes only what marlin downloaded: " + objection.get(),
          "Leave it out, and delete the source by hand if that is what you want.");
    }
    return Optional.of(new ShardDeletion(name.orElseThrow(), cache));
  }

  /// Deletes what is still there and says how much that freed.
  void run(List<Path> files, Session session) {
    long freed = OwnShards.delete(cache, name, files);
    // Streamed shards have left already, each after its last use.
    session
        .console()
        .message(
            freed == 0
                ? "every shard of the source has left the cache"
                : "deleted the source's weights from the cache, " + Figures.bytes(freed));
  }
}
