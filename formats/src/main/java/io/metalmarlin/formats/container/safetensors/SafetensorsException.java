package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Printable;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A safetensors file that cannot be trusted: which file, which tensor, at which byte, and what
/// should have been there.
public final class SafetensorsException extends MarlinException {
  private static final long serialVersionUID = 1L;

  private final Fault fault;
  private final transient Path file;
  private final @Nullable String tensor;
  private final long offset;
  private final String expected;
  private final String actual;

  /// @param tensor the tensor it is about, or null when it is about the whole file
  /// @param offset byte of the file where it shows, counted from 0
  /// @param expected what a correct file has there
  /// @param actual what this file has there
  public SafetensorsException(
      Fault fault,
      Path file,
      @Nullable String tensor,
      long offset,
      String expected,
      String actual) {
    this(fault, file, tensor, offset, expected, actual, null);
  }

  SafetensorsException(
      Fault fault,
      Path file,
      @Nullable String tensor,
      long offset,
      String expected,
      String actual,
      @Nullable Throwable cause) {
    super(
        fault.code(),
        file.toString(),
        message(fault, tensor, offset, expected, actual),
        fault.hint(),
        cause);
    this.fault = fault;
    this.file = file;
    this.tensor = tensor;
    this.offset = offset;
    this.expected = expected;
    this.actual = actual;
  }

  public Fault fault() {
    return fault;
  }

  public Path file() {
    return file;
  }

  /// The tensor it is about, or null.
  public @Nullable String tensor() {
    return tensor;
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

  private static String message(
      Fault fault, @Nullable String tensor, long offset, String expected, String actual) {
    if (fault == Fault.TRUNCATED) {
      return "tensor \""
          + Printable.of(tensor)
          + "\" ends at byte "
          + expected
          + ", the file has "
          + actual
          + ": "
          + fault.what();
    }
    String about = tensor == null ? "" : "tensor \"" + Printable.of(tensor) + "\": ";
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
