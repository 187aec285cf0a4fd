package io.metalmarlin.formats.model;

/// What a loader does to the input of a quantized linear.
public enum Activations {
  /// It stays in 16 bits.
  NONE,
  /// NVFP4 with dynamic group scales under a calibrated tensor scale.
  NVFP4,
  /// OCP microscaling in the weights' own element type, all dynamic.
  MX,
  /// FP8 with a calibrated scale per tensor.
  FP8_STATIC,
  /// FP8 with a scale per token, found when it runs.
  FP8_DYNAMIC,
  /// INT8 with a scale per token, found when it runs.
  INT8_DYNAMIC
}
