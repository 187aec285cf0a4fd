package io.metalmarlin.quant.plan;

/// What a plan will need, computed from shapes and from a rate measured in this run.
///
/// @param peakMemoryBytes resident memory: largest block, its Hessians, tiles and a constant
/// @param diskBytes free space needed in the output folder: output, journal and hidden-state stream
/// @param seconds wall time, from the floating-point operations and a matrix product timed just now
/// @param flops floating-point operations of calibration and solving
/// @param measuredFlopsPerSecond the rate the estimate rests on
public record Estimate(
    long peakMemoryBytes,
    long diskBytes,
    double seconds,
    double flops,
    double measuredFlopsPerSecond) {}
