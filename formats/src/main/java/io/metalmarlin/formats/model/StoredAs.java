package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.Packing;

/// How one linear module of an output is stored and run.
///
/// @param schemeName the user's name of the scheme, for example `NVFP4A16`
public record StoredAs(String schemeName, Packing packing, Activations activations) {}
