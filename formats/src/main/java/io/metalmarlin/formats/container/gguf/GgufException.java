package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.container.DamagedFileException;
import io.metalmarlin.formats.container.Printable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A GGUF file that cannot be trusted.
public final class GgufException extends DamagedFileException {
  private static final long serialVersionUID = 1L;

  private final Fault fault;

  /// @param subject the tensor or metadata key it is about, or null when it is about the file
  /// @param offset byte of the file where it shows, counted from 0
  /// @param expected what a correct file has there
  /// @param actual what this file has there
  public GgufException(
      Fault fault,
      Path file,
      @Nullable String subject,
      long offset,
      String expected,
      String actual) {
    super(
        fault,
        message(about(subject), fault, offset, expected, actual),
        file,
        subject,
        offset,
        expected,
        actual,
        null);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }

  private static String about(@Nullable String subject) {
    return subject == null ? "" : "\"" + Printable.of(subject) + "\": ";
  }
}
