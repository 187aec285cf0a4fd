package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.container.DamagedFileException;
import io.metalmarlin.formats.container.Printable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A safetensors file that cannot be trusted; its subject is a tensor.
public final class SafetensorsException extends DamagedFileException {
  private static final long serialVersionUID = 1L;

  private final Fault fault;

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
        fault,
        message(fault, tensor, offset, expected, actual),
        file,
        tensor,
        offset,
        expected,
        actual,
        cause);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }

  private static String message(
      Fault fault, @Nullable String tensor, long offset, String expected, String actual) {
    String quoted = tensor == null ? "" : "tensor \"" + Printable.of(tensor) + "\"";
    return fault == Fault.TRUNCATED
        ? quoted + " ends at byte " + expected + ", the file has " + actual + ": " + fault.what()
        : message(tensor == null ? "" : quoted + ": ", fault, offset, expected, actual);
  }
}
