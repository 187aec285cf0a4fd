package io.metalmarlin.runtime.source;

import java.nio.file.Path;

/// Offers the embedded demo checkpoint; found through ServiceLoader.
public interface DemoProvider {
  /// What the user writes instead of a path: `demo`.
  String name();

  /// Unpacks the checkpoint into a new folder below `parent` unless it is already there complete,
  /// and returns that folder. Every file is checked against the manifest's sha256.
  Path unpack(Path parent);
}
