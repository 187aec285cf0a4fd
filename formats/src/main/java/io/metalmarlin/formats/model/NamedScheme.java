package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.Scheme;

/// A weight grid and what happens to activations, under the name that users type.
///
/// @param name canonical, upper case, for example `NVFP4A16`
public record NamedScheme(String name, Scheme weights, Activations activations) {}
