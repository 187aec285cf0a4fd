package io.metalmarlin.runtime.model;

/// Elementwise functions.
public enum Activation {
  /// `x / (1 + e^-x)`.
  SILU,
  /// `x Phi(x)`, by the error function.
  GELU,
  /// GELU by the hyperbolic tangent of a cubic.
  GELU_TANH,
  /// `x / (1 + e^(-1.702 x))`.
  QUICK_GELU,
  /// `max(x, 0)`.
  RELU,
  /// `max(x, 0)^2`.
  RELU_SQUARED,
  /// `1 / (1 + e^-x)`.
  SIGMOID,
  /// The hyperbolic tangent.
  TANH
}
