package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;

/// Plain rounding to the nearest code under scales that cover each group's range, with the bytes
/// the packing's own producers write: the scalar reference for faster encoders and the baseline
/// every better method must beat.
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
  /// @return codes, scales and zeros in fresh heap memory
  public static QuantizedMatrix quantize(
      GroupPacking packing, float[] w, int rows, int cols, TensorScale tensorScale, DType source) {
    GroupScheme scheme = packing.scheme();
    Profile profile = packing.profile();
    long zeroBytes = QuantizedMatrix.zeroBytes(scheme, rows, cols);
    QuantizedMatrix m =
        new QuantizedMatrix(
            scheme,
            rows,
            cols,
            heap(QuantizedMatrix.codeBytes(scheme, rows, cols)),
            heap(QuantizedMatrix.scaleBytes(scheme, rows, cols)),
            tensorScale,
            zeroBytes == 0 ? null : heap(zeroBytes),
            null);
    for (int top = 0; top < rows; top += m.groupRows()) {
      int bottom = Math.min(rows, top + m.groupRows());
      for (int group = 0; group < m.groups(); group++) {
        int left = group * m.groupSize();
        int right = Math.min(cols, left + m.groupSize());
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (int row = top; row < bottom; row++) {
          for (int col = left; col < right; col++) {
            min = Math.min(min, w[row * cols + col]);
            max = Math.max(max, w[row * cols + col]);
          }
        }
        Profile.Fit fit = profile.fit(min, max, tensorScale, source);
        m.putGroup(top, group, fit.scale(), fit.zero());
        for (int row = top; row < bottom; row++) {
          for (int col = left; col < right; col++) {
            m.putCode(row, col, profile.code(w[row * cols + col], fit, tensorScale));
          }
        }
      }
    }
    return m;
  }

  private static MemorySegment heap(long bytes) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }
}
