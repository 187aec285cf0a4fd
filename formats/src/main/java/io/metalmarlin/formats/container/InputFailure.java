package io.metalmarlin.formats.container;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Path;

/// Turns a failed read into what the user can do about it.
public final class InputFailure {
  private InputFailure() {}

  /// `FILE_UNREADABLE`.
  ///
  /// @param file what was being read
  public static MarlinException of(Path file, IOException e) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        file.toString(),
        "cannot be read: " + e.getMessage(),
        "Check the disk and the file's permissions.",
        e);
  }
}
