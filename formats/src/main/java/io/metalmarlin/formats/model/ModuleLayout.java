package io.metalmarlin.formats.model;

import java.util.Map;
import java.util.SortedSet;

/// How the linear modules of an output checkpoint are stored; what a [Dialect] turns into config
/// keys.
///
/// @param packed module name to how it is stored, in name order; several schemes may be mixed
/// @param dense names of linear modules left in the source type (what goes into `ignore`), the head
///   among them even when it is tied to the embedding
/// @param fp8Cache whether the key-value cache is FP8, of a dialect with [Dialect#cacheScales]
public record ModuleLayout(
    Map<String, StoredAs> packed, SortedSet<String> dense, boolean fp8Cache) {
  /// A model whose cache stays as it is.
  public ModuleLayout(Map<String, StoredAs> packed, SortedSet<String> dense) {
    this(packed, dense, false);
  }
}
