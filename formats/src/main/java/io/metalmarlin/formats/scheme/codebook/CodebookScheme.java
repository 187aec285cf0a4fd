package io.metalmarlin.formats.scheme.codebook;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;

/// A scalar codebook of 4, 8 or 16 values in groups of columns: the Lloyd-Max points of the normal
/// distribution (Max, "Quantizing for minimum distortion", 1960), which lie closer where weights
/// are frequent. Codes ascend with their values; the book is symmetric, so a negative scale would
/// say nothing new.
///
/// @param bits 2, 3 or 4
/// @param groupSize columns that share a scale, or [GroupScheme#WHOLE] for one scale a row
public record CodebookScheme(int bits, int groupSize, ScaleType scaleType) implements GroupScheme {
  // Each value is the mean of the standard normal distribution between the midpoints to its
  // neighbours: positive halves, ascending.
  private static final float[][] HALVES = {
    {.452780038f, 1.51041758f},
    {.24509418f, .756005287f, 1.34390926f, 2.15194559f},
    {
      .128395036f,
      .388048291f,
      .656759143f,
      .942340434f,
      1.25623119f,
      1.6180464f,
      2.06901717f,
      2.73258948f
    }
  };

  public CodebookScheme {
    if (bits < 2 || bits > 4 || groupSize < 1 || scaleType.bytes() == 1) {
      throw new IllegalArgumentException(
          "a codebook of %d bits, groups of %d, %s scales".formatted(bits, groupSize, scaleType));
    }
  }

  @Override
  public String name() {
    String group = groupSize == WHOLE ? "channel" : "g" + groupSize;
    return "lloyd" + (1 << bits) + "-" + group + "-" + scaleType.name().toLowerCase();
  }

  @Override
  public int codeBits() {
    return bits;
  }

  @Override
  public float value(int code) {
    float[] half = HALVES[bits - 2];
    return code < half.length ? -half[half.length - 1 - code] : half[code - half.length];
  }

  /// The nearest magnitude of the sign of `x`, ties away from zero.
  @Override
  public int nearest(float x) {
    int half = 1 << bits - 1;
    float magnitude = Math.abs(x);
    int index = 0;
    for (int k = 1; k < half; k++) {
      index += magnitude >= midpoint(k) ? 1 : 0;
    }
    return x < 0 ? half - 1 - index : half + index;
  }

  /// Where the positive value `k` begins, counted from 0: half way from the one below, in fp32.
  public float midpoint(int k) {
    float[] half = HALVES[bits - 2];
    return .5f * (half[k - 1] + half[k]);
  }
}
