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

  /// Q4_0 (four bits) or Q5_0 (five) without importance: `blocks` blocks of `x[o ..]`.
  void symmetricBlocks(int bits, float[] x, int o, int blocks, byte[] out, int at);

  /// Q4_1 (four bits) or Q5_1 (five) without importance: `blocks` blocks of `x[o ..]`.
  void affineBlocks(int bits, float[] x, int o, int blocks, byte[] out, int at);

  /// The largest magnitude of `x[o .. o + n)`, `n` a multiple of 16; a NaN never counts.
  float magnitude(float[] x, int o, int n);

  /// Codes of [Fp4#nearest] for 16 weights.
  void fp4Codes(float[] x, int o, float half, byte[] codes, int co);
}
