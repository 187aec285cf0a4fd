package io.metalmarlin.quant.job;

/// What happened to one weight.
///
/// @param module module name in the output
/// @param sparsity share of the weights that are pruned, 0.5 for 2:4
/// @param relativeError `|Q-W|^2 / |W|^2` of the decoded codes, in the stored basis; W is the
///   source's weight with what is folded into it, also where drift moved what the solver got
/// @param relativeHessianError `tr((Q-W)H(Q-W)') / tr(W H W')` on the calibration tokens; null
///   without calibration
/// @param calibrationTokens rows in the Hessian; 0 without calibration
/// @param ownShare how much of the Hessian these rows are; below 1 the rest is that of the layer's
///   other experts. 1 without calibration
/// @param fallback what was done instead of the method, for example [#ROUNDED]; null where nothing
///   was
/// @param damping damping finally used, relative to the mean diagonal
/// @param dampingRetries how often it had to be doubled
/// @param deadColumns inputs never active in calibration
/// @param drift share of the drift of the input that the weight handed to the solver made up for
/// @param fold what was folded into the input before anything was quantized
/// @param transform of the input before the product
/// @param seconds wall time of the weight's own solve
public record LayerReport(
    String module,
    String scheme,
    String method,
    int rows,
    int cols,
    double bitsPerWeight,
    double sparsity,
    double relativeError,
    @org.jspecify.annotations.Nullable Double relativeHessianError,
    long calibrationTokens,
    double ownShare,
    @org.jspecify.annotations.Nullable String fallback,
    double damping,
    int dampingRetries,
    int deadColumns,
    double drift,
    String fold,
    String transform,
    double seconds) {
  /// No calibration token reached the input, so no weight could make up for another's error.
  public static final String ROUNDED = "rounding";
}
