package io.metalmarlin.formats.scheme.ggml;

/// The parts of encoding that take the time. Every implementation gives the same bits.
interface EncodeKernels {
  /// The fastest implementation this machine and this virtual machine's modules allow.
  EncodeKernels BEST = VectorSupport.usable() ? new VectorKernels() : new ScalarKernels();

  /// Fits `groups` groups of `x[o ..]`; `weights` and `lines` belong to them from their start on.
  void affine(AffineFit fit, float[] x, int o, int groups, float[] weights, Lines lines);

  /// As [#affine], for a fit through zero.
  void symmetric(SymmetricFit fit, float[] x, int o, int groups, float[] weights, Lines lines);

  /// The factors of `groups` groups of 32 for the levels of [NonLinearFit].
  void nonLinear(float[] x, int o, int groups, float[] weights, float[] factors);

  /// Codes of the levels nearest to `inverse * x[o .. o + 32)`.
  void nonLinearCodes(float[] x, int o, float inverse, byte[] codes, int co);

  /// Codes in 0 to `levels` for `(x + min) / scale` of `n` weights, a multiple of 16.
  void affineCodes(
      float[] x, int o, int n, float scale, float min, int levels, byte[] codes, int co);

  /// Codes in 0 to `2 * half - 1` for `x / scale + half` of `n` weights, a multiple of 16.
  void symmetricCodes(float[] x, int o, int n, float scale, int half, byte[] codes, int co);

  /// Q4_0 without importance: `blocks` blocks of `x[o ..]`.
  void q40(float[] x, int o, int blocks, byte[] out, int at);
}
