package io.metalmarlin.formats;

import org.jspecify.annotations.Nullable;

/// An error a user can act on: what, where, why and what to do. Never a bug; bugs stay ordinary
/// runtime exceptions and end as exit code 1.
public class MarlinException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String where;
  private final String hint;

  /// @param code stable code, decides the exit status
  /// @param where file, tensor, module or flag the message is about
  /// @param message what is wrong and why, with expected and actual figures, one sentence
  /// @param hint what the user can do about it, one sentence
  public MarlinException(ErrorCode code, String where, String message, String hint) {
    this(code, where, message, hint, null);
  }

  public MarlinException(
      ErrorCode code, String where, String message, String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.where = where;
    this.hint = hint;
  }

  public ErrorCode code() {
    return code;
  }

  public String where() {
    return where;
  }

  public String hint() {
    return hint;
  }
}
