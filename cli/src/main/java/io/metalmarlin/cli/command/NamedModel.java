package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.progress.DownloadProgress;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.runtime.hub.HubDownload;
import io.metalmarlin.runtime.hub.HubSettings;
import io.metalmarlin.runtime.hub.HubShards;
import io.metalmarlin.runtime.hub.Patience;
import io.metalmarlin.runtime.hub.RepositoryName;
import io.metalmarlin.runtime.source.CacheFolder;
import io.metalmarlin.runtime.source.ModelSource;
import io.metalmarlin.runtime.source.RemoteCode;
import io.metalmarlin.runtime.source.ResolvedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A model as the user named it, found.
///
/// @param folder where it lies
/// @param name what outputs are named after: the folder's own name, the name after `org/`, or
///   `demo`
/// @param source what cards call it: `org/name` of a repository, else the name
/// @param demo it is the embedded one
/// @param cached it is a repository in the cache
record NamedModel(Path folder, String name, String source, boolean demo, boolean cached) {
  private static final String DEMO = "demo";

  /// Finds `spec`, fetches it if it is a repository that is not here, and says on stderr (with
  /// `--verbose`) what it turned out to be. Code that the checkpoint names is warned about.
  ///
  /// @throws io.metalmarlin.formats.MarlinException when nothing of that name is to be had
  /// @throws io.metalmarlin.runtime.hub.StoppedException when the user stopped the download
  static NamedModel find(String spec, SourceOptions options, Session session) throws IOException {
    boolean demo = spec.equals(DEMO) && !Files.exists(Path.of(spec));
    boolean offline = options.offline || HubSettings.offline(session.environment());
    Optional<Consumer<RepositoryName>> hub =
        offline ? Optional.empty() : Optional.of(name -> fetch(name, session));
    ResolvedModel found =
        new ModelSource(session.environment(), hub)
            .resolve(spec, CacheFolder.of(session.environment()));
    session.console().detail(spec + ": " + found.description());
    warnOfCode(found.folder(), session);
    String name = demo ? DEMO : name(found);
    return new NamedModel(
        found.folder(),
        name,
        found.repository().orElse(name),
        demo,
        found.repository().isPresent());
  }

  /// The shards of a repository that is not in the cache, to be fetched one after the other; empty
  /// for anything else, which [#find] finds.
  static Optional<HubShards> shards(String spec, SourceOptions options, Session session) {
    Optional<RepositoryName> name = RepositoryName.parse(spec);
    boolean here =
        name.isEmpty()
            || Files.exists(Path.of(spec))
            || options.offline
            || HubSettings.offline(session.environment())
            || new ModelSource(session.environment(), Optional.empty()).cached(name.get());
    if (here) {
      return Optional.empty();
    }
    Optional<HubShards> shards = interruptible(session, () -> hub(session).shards(name.get()));
    shards.ifPresent(s -> warnOfCode(s.folder(), session));
    return shards;
  }

  /// Where streamed shards stand for the model.
  static NamedModel of(HubShards shards, String spec) {
    RepositoryName name = RepositoryName.parse(spec).orElseThrow();
    return new NamedModel(shards.folder(), name.name(), name.id(), false, true);
  }

  private static void warnOfCode(Path folder, Session session) {
    List<String> code = RemoteCode.named(folder);
    if (!code.isEmpty()) {
      session
          .console()
          .warn(
              new Warning(
                  "W104",
                  folder.toString(),
                  "names code of its own, which marlin never runs: " + String.join("; ", code)));
    }
  }

  private static void fetch(RepositoryName name, Session session) {
    interruptible(session, () -> hub(session).fetch(name));
  }

  private static <T> T interruptible(Session session, Supplier<T> work) {
    try (Interrupt.Guard guard =
        session.interrupt().install(() -> session.console().message("stopping the download ..."))) {
      // The guard is held for its effect.
      return work.get();
    } finally {
      session.console().endLive();
    }
  }

  private static HubDownload hub(Session session) {
    return new HubDownload(
        HubSettings.of(session.environment()),
        Patience.DEFAULT,
        new DownloadProgress(session.console(), JobProgress::systemSeconds),
        session.interrupt());
  }

  private static String name(ResolvedModel found) throws IOException {
    if (found.repository().isPresent()) {
      return List.of(found.repository().get().split("/")).getLast();
    }
    // "." and ".." name a folder as well as any other word.
    Path last = found.folder().toRealPath().getFileName();
    return last == null ? "model" : last.toString();
  }
}
