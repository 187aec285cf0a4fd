package io.metalmarlin.cli.out;

import io.metalmarlin.formats.MarlinException;

/// Why a command did not end well, as it is printed and put into the JSON envelope.
///
/// @param code for example `E503`, or the signal's name after an interruption
/// @param where file, tensor, module or flag
/// @param message what is wrong and why
/// @param hint what to do about it
/// @param exit the process's exit code
public record Failure(String code, String where, String message, String hint, int exit) {
  public static Failure of(MarlinException e) {
    return new Failure(e.code().id(), e.where(), e.getMessage(), e.hint(), e.code().exitCode());
  }

  /// The same failure with another exit code: a preflight collects refusals of several kinds.
  public Failure withExit(int code) {
    return new Failure(this.code, where, message, hint, code);
  }

  /// Whether a signal ended the command; such a command can be resumed.
  public boolean interrupted() {
    return exit > 128;
  }
}
