package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.progress.DownloadProgress;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.runtime.hub.HubDownload;
import io.metalmarlin.runtime.hub.HubSettings;
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

/// A model as the user named it, found.
///
/// @param folder where it lies
/// @param name what outputs are named after: the folder's own name, the name after `org/`, or
///   `demo`
/// @param source what cards call it: `org/name` of a repository, else the name
/// @param demo it is the embedded one
record NamedModel(Path folder, String name, String source, boolean demo) {
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
    List<String> code = RemoteCode.named(found.folder());
    if (!code.isEmpty()) {
      session
          .console()
          .warn(
              new Warning(
                  "W104",
                  found.folder().toString(),
                  "names code of its own, which marlin never runs: " + String.join("; ", code)));
    }
    String name = demo ? DEMO : name(found);
    return new NamedModel(found.folder(), name, found.repository().orElse(name), demo);
  }

  private static void fetch(RepositoryName name, Session session) {
    DownloadProgress progress = new DownloadProgress(session.console(), JobProgress::systemSeconds);
    try (Interrupt.Guard guard =
        session.interrupt().install(() -> session.console().message("stopping the download ..."))) {
      // The guard is held for its effect.
      new HubDownload(
              HubSettings.of(session.environment()),
              Patience.DEFAULT,
              progress,
              session.interrupt())
          .fetch(name);
    } finally {
      session.console().endLive();
    }
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
