package io.metalmarlin.runtime.eval;

import java.nio.file.Path;

/// Where to keep what a model computed, for later evaluations that compare with it.
///
/// @param source what the model is called: whoever reads the file opens it by that name for its
///   head
public record SaveReference(Path file, String source) {}
