package io.metalmarlin.quant.job;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A published output.
///
/// @param resumedBlocks blocks taken over from an earlier, interrupted run
/// @param proof what was measured on the written files before publishing
/// @param seconds wall time of this run
public record JobResult(
    Path output,
    int resumedBlocks,
    List<LayerReport> layers,
    Optional<JobOptions.Proof> proof,
    long outputBytes,
    double bitsPerWeight,
    double seconds) {}
