package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.Packing;
import java.util.Optional;

/// How one linear module of an output is stored and run.
///
/// @param schemeName the user's name of the scheme, for example `NVFP4A16`
/// @param transform of the input, of dialects whose runners apply one
public record StoredAs(
    String schemeName,
    Packing packing,
    Activations activations,
    Optional<InputTransform> transform) {
  /// A module whose input stays as it is.
  public StoredAs(String schemeName, Packing packing, Activations activations) {
    this(schemeName, packing, activations, Optional.empty());
  }

  /// The same with another transform of the input.
  public StoredAs behind(Optional<InputTransform> other) {
    return new StoredAs(schemeName, packing, activations, other);
  }
}
