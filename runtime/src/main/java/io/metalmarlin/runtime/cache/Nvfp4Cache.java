package io.metalmarlin.runtime.cache;

/// 4-bit floats, an E4M3 scale for each 16. The largest magnitude becomes 6 or 4 of a scale,
/// whichever leaves the smaller squared error: between 4 and 6 there is no code.
public final class Nvfp4Cache implements CacheFormat {
  private static final int GROUP = 16;
  private static final int BELOW_TOP = 4;

  @Override
  public String name() {
    return "nvfp4";
  }

  @Override
  public Codes codes() {
    return Codes.FP4;
  }

  @Override
  public ScaleKind scales() {
    return ScaleKind.E4M3FN;
  }

  @Override
  public int group(int width) {
    return GROUP;
  }

  @Override
  public boolean rotated() {
    return true;
  }

  @Override
  public int scale(float[] x, int from, int to, float amax) {
    int six = scales().bits(amax, codes().top());
    int four = scales().bits(amax, BELOW_TOP);
    // Not "smaller": against NaN, which four is when only six fits, six stays.
    return error(x, from, to, four) < error(x, from, to, six) ? four : six;
  }

  private double error(float[] x, int from, int to, int bits) {
    float scale = scales().value(bits);
    if (!(scale > 0)) {
      return scale;
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      double off = codes().value(codes().nearest(x[i] / scale)) * scale - x[i];
      sum += off * off;
    }
    return sum;
  }
}
