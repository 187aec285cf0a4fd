package io.metalmarlin.runtime.cpu.scalar;

import io.metalmarlin.runtime.model.Activation;

/// The activations by their definitions, in fp64. `StrictMath`, because results must not depend on
/// when the JIT compiler comes around.
public final class ScalarActivations {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  // Beyond it the error function is 1 to the last bit of a double.
  private static final double ERF_IS_ONE = 6;

  private ScalarActivations() {}

  /// `activation(x)`.
  public static double of(Activation activation, double x) {
    return switch (activation) {
      case SILU -> x / (1 + StrictMath.exp(-x));
      case GELU -> .5 * x * (1 + erf(x / Math.sqrt(2)));
      case GELU_TANH -> .5 * x * (1 + StrictMath.tanh(SQRT_2_OVER_PI * (x + .044715 * x * x * x)));
      case QUICK_GELU -> x / (1 + StrictMath.exp(-1.702 * x));
      case RELU -> Math.max(x, 0);
      case RELU_SQUARED -> Math.max(x, 0) * Math.max(x, 0);
      case SIGMOID -> 1 / (1 + StrictMath.exp(-x));
      case TANH -> StrictMath.tanh(x);
    };
  }

  /// The error function by its series of positive terms `2 / sqrt(pi) e^-x^2 sum(2^n x^(2n+1) / (1
  /// * 3 * ... * (2n+1)))`.
  static double erf(double x) {
    if (Math.abs(x) >= ERF_IS_ONE || Double.isNaN(x)) {
      return Double.isNaN(x) ? x : Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_SQRT_PI * StrictMath.exp(-x * x) * sum;
  }
}
