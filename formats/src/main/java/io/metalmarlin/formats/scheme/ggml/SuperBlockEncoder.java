package io.metalmarlin.formats.scheme.ggml;

import org.jspecify.annotations.Nullable;

/// What the encoders of the K types share: a row is worked on in portions of a few super-blocks, so
/// that the fits see many groups at once. An encoder holds the buffers of one row at a time; it
/// belongs to one thread.
abstract class SuperBlockEncoder {
  static final int BLOCK = 256;

  /// Weights of a portion.
  static final int CHUNK = 4 * BLOCK;

  final float[] weights = new float[CHUNK];
  final float[] sums = new float[CHUNK / 16];
  final byte[] codes = new byte[CHUNK];
  final EncodeKernels kernels = EncodeKernels.BEST;
  final Lines lines = new Lines(CHUNK / 16);

  private final int blockBytes;

  SuperBlockEncoder(int blockBytes) {
    this.blockBytes = blockBytes;
  }

  /// Fits all groups of `x[o .. o + n)`; `importance` begins at `io`.
  abstract void fit(float[] x, int o, int n, float @Nullable [] importance, int io);

  /// Writes super-block number `block` of the portion, which begins at `x[o]`, from its fits.
  abstract void put(float[] x, int o, int block, boolean weighted, byte[] out, int at);

  final void encode(
      float[] x, int from, int cols, float @Nullable [] importance, int io, byte[] out, int at) {
    for (int c = 0; c < cols; c += CHUNK) {
      int n = Math.min(CHUNK, cols - c);
      fit(x, from + c, n, importance, io + c);
      for (int b = 0; b < n / BLOCK; b++) {
        put(x, from + c + b * BLOCK, b, importance != null, out, at);
        at += blockBytes;
      }
    }
  }

  /// Fills `weights` from the importance and `factor` times each super-block's mean square.
  final void weigh(float[] x, int o, int n, float[] importance, int io, int factor) {
    for (int b = 0; b < n; b += BLOCK) {
      float square = factor * Weights.squares(x, o + b, BLOCK) / BLOCK;
      Weights.fill(x, o + b, importance, io + b, square, weights, b, BLOCK);
    }
  }

  /// Fills `sums` with each group's weights, added in order.
  final void sumWeights(int n, int size) {
    for (int g = 0; g < n / size; g++) {
      float sum = 0;
      for (int i = 0; i < size; i++) {
        sum += weights[g * size + i];
      }
      sums[g] = sum;
    }
  }

  /// Codes of group `g` of the portion, whose weights are `x[o ..]`, from the scale and min as they
  /// are stored; where that scale is zero, the codes of its fit.
  final void affineCodes(AffineFit fit, float[] x, int o, int g, float scale, float min) {
    int n = fit.size();
    if (scale == 0) {
      fit.codes(x, o, lines, g, codes, g * n);
    } else {
      kernels.affineCodes(x, o, n, scale, min, fit.levels(), codes, g * n);
    }
  }

  /// As [#affineCodes], for a fit through zero.
  final void symmetricCodes(SymmetricFit fit, float[] x, int o, int g, float scale) {
    int n = fit.size();
    if (scale == 0) {
      fit.codes(x, o, lines, g, codes, g * n);
    } else {
      kernels.symmetricCodes(x, o, n, scale, fit.half(), codes, g * n);
    }
  }
}
