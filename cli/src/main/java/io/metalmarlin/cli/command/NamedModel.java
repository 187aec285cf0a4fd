package io.metalmarlin.cli.command;

import io.metalmarlin.runtime.source.CacheFolder;
import io.metalmarlin.runtime.source.ModelSource;
import io.metalmarlin.runtime.source.ResolvedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A model as the user named it, found.
///
/// @param folder where it lies
/// @param name what outputs are named after: the folder's own name, the name after `org/`, or
///   `demo`
/// @param source what cards call it: `org/name` of a cached repository, else the name
/// @param demo it is the embedded one
record NamedModel(Path folder, String name, String source, boolean demo) {
  private static final String DEMO = "demo";

  /// Finds `spec` and says on stderr (with `--verbose`) what it turned out to be.
  ///
  /// @throws io.metalmarlin.formats.MarlinException when nothing of that name is here
  static NamedModel find(String spec, Session session) throws IOException {
    boolean demo = spec.equals(DEMO) && !Files.exists(Path.of(spec));
    ResolvedModel found =
        new ModelSource(session.environment()).resolve(spec, CacheFolder.of(session.environment()));
    session.console().detail(spec + ": " + found.description());
    String name = demo ? DEMO : name(found);
    return new NamedModel(found.folder(), name, found.repository().orElse(name), demo);
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
