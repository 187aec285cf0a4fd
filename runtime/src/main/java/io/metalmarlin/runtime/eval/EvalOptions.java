package io.metalmarlin.runtime.eval;

/// How to evaluate.
///
/// @param context tokens of one window; positions `context/2 .. context-2` are scored
/// @param maxWindows windows to evaluate at most, spread evenly over the text
public record EvalOptions(int context, int maxWindows) {
  public static final EvalOptions DEFAULTS = new EvalOptions(512, Integer.MAX_VALUE);
}
