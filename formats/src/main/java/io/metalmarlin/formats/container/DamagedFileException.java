package io.metalmarlin.formats.container;

import io.metalmarlin.formats.MarlinException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A file that cannot be trusted: which file, which tensor or key, at which byte, and what should
/// have been there.
public abstract class DamagedFileException extends MarlinException {
  private static final long serialVersionUID = 1L;

  private final transient Path file;
  private final @Nullable String subject;
  private final long offset;
  private final String expected;
  private final String actual;

  /// @param message for the user; see [#message]
  /// @param subject the tensor or metadata key it is about, or null when it is about the file
  /// @param offset byte of the file where it shows, counted from 0
  /// @param expected what a correct file has there
  /// @param actual what this file has there
  protected DamagedFileException(
      FileFault fault,
      String message,
      Path file,
      @Nullable String subject,
      long offset,
      String expected,
      String actual,
      @Nullable Throwable cause) {
    super(fault.code(), file.toString(), message, fault.hint(), cause);
    this.file = file;
    this.subject = subject;
    this.offset = offset;
    this.expected = expected;
    this.actual = actual;
  }

  public Path file() {
    return file;
  }

  /// The tensor or metadata key it is about, or null.
  public @Nullable String subject() {
    return subject;
  }

  /// Byte of the file, counted from 0.
  public long offset() {
    return offset;
  }

  public String expected() {
    return expected;
  }

  public String actual() {
    return actual;
  }

  /// @param about what the message begins with, for example `tensor "x": `, or nothing
  protected static String message(
      String about, FileFault fault, long offset, String expected, String actual) {
    return String.format(
        Locale.ROOT,
        "%s%s at byte %,d: expected %s, found %s",
        about,
        fault.what(),
        offset,
        expected,
        Printable.of(actual));
  }
}
