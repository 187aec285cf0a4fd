package io.metalmarlin.formats.scheme.ggml;

/// Largest magnitudes of a run of weights. A NaN never counts.
final class Extremes {
  private Extremes() {}

  /// The largest magnitude of `x[o .. o + n)`, 0 if there is none.
  static float absolute(float[] x, int o, int n) {
    float most = 0;
    for (int j = 0; j < n; j++) {
      float a = Math.abs(x[o + j]);
      most = a > most ? a : most;
    }
    return most;
  }

  /// The signed element of largest magnitude, the first one on ties, 0 if there is none.
  static float largest(float[] x, int o, int n) {
    float most = 0;
    float signed = 0;
    for (int j = 0; j < n; j++) {
      float a = Math.abs(x[o + j]);
      if (a > most) {
        most = a;
        signed = x[o + j];
      }
    }
    return signed;
  }

  /// The smallest element.
  static float smallest(float[] x, int o, int n) {
    float least = Float.MAX_VALUE;
    for (int j = 0; j < n; j++) {
      least = x[o + j] < least ? x[o + j] : least;
    }
    return least;
  }

  /// The greatest element.
  static float greatest(float[] x, int o, int n) {
    float most = -Float.MAX_VALUE;
    for (int j = 0; j < n; j++) {
      most = x[o + j] > most ? x[o + j] : most;
    }
    return most;
  }
}
