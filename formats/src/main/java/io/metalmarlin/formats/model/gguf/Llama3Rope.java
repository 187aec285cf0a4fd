package io.metalmarlin.formats.model.gguf;

/// The frequency factors of Llama 3: long wavelengths are divided by `factor`, short ones kept,
/// those between blended.
///
/// @param oldContext the context before it was stretched
record Llama3Rope(double theta, double factor, double low, double high, double oldContext) {
  private static final double TOLERANCE = 1e-4;

  /// What each inverse frequency is divided by, half as many as a head has elements.
  float[] factors(int headDim) {
    float[] out = new float[headDim / 2];
    for (int i = 0; i < out.length; i++) {
      double wavelength = 2 * Math.PI * Math.pow(theta, 2.0 * i / headDim);
      double smooth = (oldContext / wavelength - low) / (high - low);
      if (wavelength < oldContext / high) {
        out[i] = 1;
      } else if (wavelength > oldContext / low) {
        out[i] = (float) factor;
      } else {
        out[i] = (float) (1 / ((1 - smooth) / factor + smooth));
      }
    }
    return out;
  }

  /// Whether stored factors are these, up to the rounding of other implementations.
  boolean gives(float[] stored) {
    float[] ours = factors(2 * stored.length);
    for (int i = 0; i < ours.length; i++) {
      if (!(Math.abs(ours[i] - stored[i]) <= TOLERANCE * ours[i])) {
        return false;
      }
    }
    return true;
  }
}
