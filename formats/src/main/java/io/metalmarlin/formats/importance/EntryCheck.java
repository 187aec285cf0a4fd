package io.metalmarlin.formats.importance;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Printable;
import java.nio.file.Path;

/// What both kinds of file are held to, and how their faults are told.
record EntryCheck(Path path) {
  private static final String AGAIN =
      "The file is damaged or was written by a faulty tool; compute the importance again.";

  MarlinException malformed(String what) {
    return new MarlinException(ErrorCode.HEADER_MALFORMED, path.toString(), what, AGAIN);
  }

  MarlinException malformed(String entry, String what) {
    return fault(ErrorCode.HEADER_MALFORMED, entry, what);
  }

  MarlinException truncated(String entry, String what) {
    return new MarlinException(
        ErrorCode.FILE_TRUNCATED, path.toString(), quoted(entry) + what, "Fetch the file again.");
  }

  MarlinException fault(ErrorCode code, String entry, String what) {
    return new MarlinException(code, path.toString(), quoted(entry) + what, AGAIN);
  }

  private static String quoted(String entry) {
    return entry.isEmpty() ? "" : "\"" + Printable.of(entry) + "\": ";
  }

  /// A sum of squares must be a number and not negative: anything else would turn a search for
  /// scales around.
  void square(String entry, float value, long index, long count) {
    if (!Float.isFinite(value)) {
      throw fault(
          ErrorCode.NON_FINITE, entry, "value %d of %d is %s".formatted(index, count, value));
    }
    if (value < 0) {
      throw malformed(
          entry,
          "value %d of %d is %s, a sum of squares is not negative".formatted(index, count, value));
    }
  }
}
