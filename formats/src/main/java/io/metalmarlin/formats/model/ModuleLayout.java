package io.metalmarlin.formats.model;

import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/// How the linear modules of an output checkpoint are stored; what a [Dialect] turns into config
/// keys.
///
/// @param packed module name to how it is stored, in name order; several schemes may be mixed
/// @param dense names of linear modules left in the source type (what goes into `ignore`), the head
///   among them even when it is tied to the embedding
/// @param transform the online input transform of the packed modules, if any
public record ModuleLayout(
    Map<String, StoredAs> packed, SortedSet<String> dense, Optional<InputTransform> transform) {}
