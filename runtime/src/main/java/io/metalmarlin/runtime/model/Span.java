package io.metalmarlin.runtime.model;

/// Which earlier positions a query sees beside its own.
///
/// @param length positions of a window, or of a chunk; 0 where all are seen
public record Span(Kind kind, int length) {
  /// All earlier positions.
  public static final Span FULL = new Span(Kind.FULL, 0);

  /// How `length` is meant.
  public enum Kind {
    FULL,
    /// The last `length` positions, the query's own among them.
    WINDOW,
    /// The positions since the last multiple of `length`.
    CHUNK
  }

  public static Span window(int length) {
    return new Span(Kind.WINDOW, length);
  }

  public static Span chunk(int length) {
    return new Span(Kind.CHUNK, length);
  }

  /// The first position that the query at `position` sees.
  public int first(int position) {
    return switch (kind) {
      case FULL -> 0;
      case WINDOW -> Math.max(0, position - length + 1);
      case CHUNK -> position - position % length;
    };
  }
}
