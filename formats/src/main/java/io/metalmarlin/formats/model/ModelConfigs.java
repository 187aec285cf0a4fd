package io.metalmarlin.formats.model;

import io.metalmarlin.formats.json.JsonFiles;
import java.nio.file.Path;

/// Reads the configuration of a model folder.
public final class ModelConfigs {
  private static final long MAX_BYTES = 16L << 20;

  private ModelConfigs() {}

  /// The folder's `config.json`.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_MISSING`, `FILE_UNREADABLE` or
  ///   `CONFIG_MALFORMED`
  public static ModelConfig read(Path folder) {
    Path file = folder.resolve("config.json");
    return new ModelConfig(file, JsonFiles.readObject(file, MAX_BYTES));
  }
}
