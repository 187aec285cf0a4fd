package io.metalmarlin.formats.container;

/// What a file is, whether it lies here or not.
///
/// @param bytes its size
/// @param sha256 lower-case hexadecimal
public record FileDigest(long bytes, String sha256) {}
