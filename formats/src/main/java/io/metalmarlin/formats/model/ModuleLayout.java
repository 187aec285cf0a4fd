package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.Packing;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/// How the linear modules of an output checkpoint are stored; what a [Dialect] turns into config
/// keys.
///
/// @param schemeName the user's name of the scheme, for example `NVFP4A16`
/// @param packed module name to byte layout, in name order
/// @param dense names of linear modules left in the source type (what goes into `ignore`), the head
///   among them even when it is tied to the embedding
/// @param transform the online input transform of the packed modules, if any
public record ModuleLayout(
    String schemeName,
    Map<String, Packing> packed,
    SortedSet<String> dense,
    Optional<InputTransform> transform) {}
