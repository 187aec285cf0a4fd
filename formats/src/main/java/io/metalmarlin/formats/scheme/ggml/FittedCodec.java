package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Types of 32 weights with one scale, or one scale and one offset, of their own: without
/// importance blocks are encoded straight from their extremes, with importance the scales of
/// [#CHUNK] weights are fitted at a time and the codes follow from them.
abstract class FittedCodec extends ArrayCodec {
  static final int BLOCK = 32;

  // Weights whose scales are fitted together; the vector kernels take a block a lane.
  private static final int CHUNK = 1024;

  FittedCodec(DType type) {
    super(type);
  }

  /// Encodes whole blocks without importance.
  abstract void encodePlain(float[] x, int from, int blocks, byte[] out, int at);

  /// Fits scales (and offsets) of consecutive blocks to their weights' importance.
  abstract void fit(float[] x, int from, int blocks, float[] weights, Lines lines);

  /// Writes block `g` of the fitted ones, whose weights begin at `x[from]`.
  abstract void putBlock(float[] x, int from, Lines lines, int g, byte[] codes, byte[] out, int at);

  @Override
  public final boolean writes() {
    return true;
  }

  @Override
  final void encodeBlocks(
      float[] x,
      int from,
      int cols,
      float @Nullable [] importance,
      int importanceFrom,
      byte[] out,
      int at) {
    if (importance == null) {
      encodePlain(x, from, cols / BLOCK, out, at);
      return;
    }
    float square = Weights.squares(x, from, cols) / cols;
    float[] weights = new float[CHUNK];
    byte[] codes = new byte[BLOCK];
    Lines lines = new Lines(CHUNK / BLOCK);
    int bytes = type().blockBytes();
    for (int c = 0; c < cols; c += CHUNK) {
      int n = Math.min(CHUNK, cols - c);
      Weights.fill(x, from + c, importance, importanceFrom + c, square, weights, 0, n);
      fit(x, from + c, n / BLOCK, weights, lines);
      for (int g = 0; g < n / BLOCK; g++, at += bytes) {
        putBlock(x, from + c + BLOCK * g, lines, g, codes, out, at);
      }
    }
  }
}
