package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;

/// Plain rounding to the nearest code under absmax scales, with the bytes the packing's own
/// producers write: the scalar reference for faster encoders and the baseline every better method
/// must beat.
public final class AbsmaxQuantizer {
  private AbsmaxQuantizer() {}

  /// The largest magnitude; NaN if any element is NaN.
  public static float absmax(float[] w, int from, int to) {
    float amax = 0;
    for (int i = from; i < to; i++) {
      amax = Math.max(amax, Math.abs(w[i]));
    }
    return amax;
  }

  /// Quantizes a finite `rows x cols` matrix, row-major.
  ///
  /// @param packing whose profile decides about rounding and corner cases
  /// @param tensorScale of the whole fused set of matrices, from the profile
  /// @param source the stored type of the weights: some producers compute in it
  /// @return codes and scales in fresh heap memory
  public static QuantizedMatrix quantize(
      GroupPacking packing, float[] w, int rows, int cols, TensorScale tensorScale, DType source) {
    GroupScheme scheme = packing.scheme();
    Profile profile = packing.profile();
    int width = scheme.codeBits();
    int stride = Math.ceilDiv(cols * width, 8);
    int groups = Math.ceilDiv(cols, scheme.groupSize());
    byte[] codes = new byte[Math.multiplyExact(rows, stride)];
    byte[] scales = new byte[Math.multiplyExact(rows, groups)];
    for (int row = 0; row < rows; row++) {
      for (int group = 0; group < groups; group++) {
        int from = row * cols + group * scheme.groupSize();
        int to = Math.min((row + 1) * cols, from + scheme.groupSize());
        int scale = profile.groupScale(absmax(w, from, to), tensorScale, source);
        scales[row * groups + group] = (byte) scale;
        for (int i = from; i < to; i++) {
          put(
              codes,
              row * stride,
              (i - row * cols) * width,
              profile.code(w[i], scale, tensorScale));
        }
      }
    }
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        MemorySegment.ofArray(codes),
        MemorySegment.ofArray(scales),
        tensorScale);
  }

  private static void put(byte[] codes, int rowStart, int bit, int code) {
    int at = rowStart + bit / 8;
    int shifted = code << bit % 8;
    codes[at] |= (byte) shifted;
    if (shifted > 0xff) {
      codes[at + 1] |= (byte) (shifted >>> 8);
    }
  }
}
