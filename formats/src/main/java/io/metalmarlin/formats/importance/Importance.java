package io.metalmarlin.formats.importance;

/// How much each input of one tensor of a GGUF model counts.
///
/// @param tensor its name in a GGUF file, `blk.0.attn_q.weight`
/// @param values mean squares, finite and not negative: one for each column, and for stacked
///   experts one run of columns after the other; owned by this record
/// @param unseen runs that no token reached; as in llama.cpp all their values are 1
public record Importance(String tensor, float[] values, int unseen) {}
