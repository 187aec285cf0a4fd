package io.metalmarlin.formats.container;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Locale;

/// Turns a failed write into what the user can do about it.
public final class OutputFailure {
  private OutputFailure() {}

  /// `DISK_FULL` when the system says that no space (or quota) is left, else `OUTPUT_UNWRITABLE`.
  ///
  /// @param file what was being written
  public static MarlinException of(Path file, IOException e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String lower = reason.toLowerCase(Locale.ROOT);
    // The JDK hands the system's text through and has no exception type for a full disk.
    if (lower.contains("no space left") || lower.contains("quota exceeded")) {
      return new MarlinException(
          ErrorCode.DISK_FULL,
          file.toString(),
          "the disk is full: " + reason,
          "Free space there, or choose an output folder on another disk; the same command resumes.",
          e);
    }
    if (e instanceof ClosedByInterruptException) {
      return new MarlinException(
          ErrorCode.OUTPUT_UNWRITABLE,
          file.toString(),
          "writing was interrupted",
          "Run the same command again; it resumes.",
          e);
    }
    return new MarlinException(
        ErrorCode.OUTPUT_UNWRITABLE,
        file.toString(),
        "cannot be written: " + (e instanceof AccessDeniedException ? "permission denied" : reason),
        "Check the folder and its permissions, or choose another output folder.",
        e);
  }
}
