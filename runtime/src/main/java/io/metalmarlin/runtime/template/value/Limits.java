package io.metalmarlin.runtime.template.value;

/// What one run of a template may cost.
///
/// @param steps nodes evaluated, plus one for every 16 characters or elements walked through
/// @param made characters and elements of all values made together
/// @param output characters of the result
/// @param depth nested evaluations, macros included
public record Limits(long steps, long made, int output, int depth) {
  /// Far above what published templates need for a full context: seconds and 64 M characters.
  public static final Limits DEFAULT = new Limits(20_000_000, 64L << 20, 16 << 20, 300);
}
