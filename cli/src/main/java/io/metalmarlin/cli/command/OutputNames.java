package io.metalmarlin.cli.command;

import java.nio.file.Path;

/// Where an output goes when `-o` is not given: `<Model>-<Scheme>` in the working folder.
final class OutputNames {
  private OutputNames() {}

  /// @param model the last part of what the user named: a folder's name or the name after `org/`
  /// @param scheme for example `NVFP4A16`
  static Path folder(Path workingFolder, String model, String scheme) {
    return workingFolder.resolve(model + "-" + scheme);
  }
}
