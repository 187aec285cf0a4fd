package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.TensorScale;

/// The auxiliary tensor in which a dialect keeps the calibrated scale of a module's input: one fp32
/// number beside the planes of the weight.
///
/// @param plane suffix, F32, and a shape of one element
/// @param kind whether loaders divide or multiply by the number
/// @param range what the largest magnitude of the input becomes: 2688 (6 * 448) for NVFP4, 448 for
///   FP8
public record ActivationScale(Plane plane, TensorScale.Kind kind, float range) {
  /// The number to store for inputs whose largest magnitude is `amax`; 1 where that gives no
  /// positive finite number, as for an input that was never anything but zero.
  public float of(float amax) {
    float value = kind == TensorScale.Kind.DIVISOR ? range / amax : amax / range;
    return Float.isFinite(value) && value > 0 ? value : 1f;
  }
}
