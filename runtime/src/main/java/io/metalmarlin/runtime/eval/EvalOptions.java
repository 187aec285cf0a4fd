package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.cache.CacheFormat;
import org.jspecify.annotations.Nullable;

/// How to evaluate.
///
/// @param context tokens of one window; positions `context/2 .. context-2` are scored
/// @param maxWindows windows to evaluate at most, spread evenly over the text
/// @param cache how the model's keys and values are rounded before any query reads them; null for
///   not at all. The reference's never are.
/// @param save the model's hidden states are kept there; null for nowhere
public record EvalOptions(
    int context, int maxWindows, @Nullable CacheFormat cache, @Nullable SaveReference save) {
  public static final EvalOptions DEFAULTS = new EvalOptions(512, Integer.MAX_VALUE);

  public EvalOptions(int context, int maxWindows) {
    this(context, maxWindows, null, null);
  }
}
