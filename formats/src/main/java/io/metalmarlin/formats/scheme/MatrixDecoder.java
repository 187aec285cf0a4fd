package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;

/// Codes back to numbers, the scalar reference of [GroupScheme]'s formula, each step rounded to
/// fp32. Faster decoders are tested against it.
public final class MatrixDecoder {
  private MatrixDecoder() {}

  /// Decodes the rows `[fromRow, toRow)` into `out`, row-major from index 0, `cols` a row.
  ///
  /// @throws MarlinException `NON_FINITE` for a group whose scale or bias is no finite number
  public static void decode(QuantizedMatrix m, int fromRow, int toRow, float[] out) {
    GroupScheme scheme = m.scheme();
    float[] scales = new float[m.groups()];
    float[] zeros = new float[m.groups()];
    for (int row = fromRow; row < toRow; row++) {
      for (int group = 0; group < scales.length; group++) {
        scales[group] = m.tensorScale().effective(scheme.scaleValue(m.scaleCode(row, group)));
        zeros[group] =
            switch (scheme.zero()) {
              case NONE -> 0;
              case POINT -> m.zeroPoint(row, group);
              case BIAS -> scheme.scaleValue(m.biasCode(row, group));
            };
        requireFinite(m, row, group, scales[group], zeros[group]);
      }
      int at = (row - fromRow) * m.cols();
      for (int col = 0; col < m.cols(); col++) {
        int group = m.group(col);
        float value = scheme.value(m.code(row, col));
        out[at + col] =
            switch (scheme.zero()) {
              case NONE -> value * scales[group];
              case POINT -> (value - zeros[group]) * scales[group];
              case BIAS -> value * scales[group] + zeros[group];
            };
      }
    }
  }

  private static void requireFinite(
      QuantizedMatrix m, int row, int group, float scale, float zero) {
    if (!Float.isFinite(scale) || !Float.isFinite(zero)) {
      throw new MarlinException(
          ErrorCode.NON_FINITE,
          "row " + row + ", group " + group,
          "the group scale is code 0x%02x, no finite number".formatted(m.scaleCode(row, group)),
          "The checkpoint is damaged or was written by a faulty tool; quantize again.");
    }
  }
}
