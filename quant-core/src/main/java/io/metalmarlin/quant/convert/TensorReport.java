package io.metalmarlin.quant.convert;

/// What happened to one module or tensor.
///
/// @param action `keep`, `cast`, `scale`, `repack`, `requantize` or `dequantize`
/// @param from how it was stored
/// @param to how it is stored now
/// @param lossless whether every weight is the number it was; for a tensor scale stored in the
///   other direction: codes and scales are the same bytes, see `ulps`
/// @param ulps the most that a weight differs in its last bits because a tensor scale became its
///   reciprocal
/// @param relativeError `|Q-W| / |W|`, 0 where lossless
public record TensorReport(
    String name,
    String action,
    String from,
    String to,
    boolean lossless,
    int ulps,
    double relativeError) {
  /// A step that changes no number.
  static TensorReport exact(ConvertStep step, String action, int ulps) {
    return new TensorReport(step.name(), action, step.from(), step.to(), true, ulps, 0);
  }

  /// A step that was measured.
  static TensorReport measured(ConvertStep step, String action, double relativeError) {
    return new TensorReport(
        step.name(), action, step.from(), step.to(), relativeError == 0, 0, relativeError);
  }
}
