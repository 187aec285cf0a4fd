package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;

/// NVFP4 by search over its value tables, written apart from the product's own number formats so
/// that solvers are tested against an independent definition.
record TestGrid() implements GroupScheme, Profile {
  private static final float[] E2M1 = {0, .5f, 1, 1.5f, 2, 3, 4, 6};

  @Override
  public String name() {
    return "test-nvfp4";
  }

  @Override
  public int groupSize() {
    return 16;
  }

  @Override
  public int codeBits() {
    return 4;
  }

  @Override
  public ScaleType scaleType() {
    return ScaleType.E4M3;
  }

  @Override
  public boolean hasTensorScale() {
    return true;
  }

  @Override
  public float value(int code) {
    return code < 8 ? E2M1[code] : -E2M1[code - 8];
  }

  @Override
  public int nearest(float x) {
    float a = Math.min(Math.abs(x), 6);
    int best = 0;
    for (int m = 1; m < 8; m++) {
      float gain = Math.abs(a - E2M1[best]) - Math.abs(a - E2M1[m]);
      if (gain > 0 || gain == 0 && m % 2 == 0) {
        best = m;
      }
    }
    return x < 0 ? best + 8 : best;
  }

  @Override
  public float scaleValue(int code) {
    int exponent = code >> 3 & 15;
    int mantissa = code & 7;
    return exponent == 0
        ? mantissa * 0x1p-9f
        : (1 + mantissa / 8f) * (float) Math.pow(2, exponent - 7);
  }

  @Override
  public int nearestScale(float s) {
    int best = 0;
    for (int c = 1; c <= 126; c++) {
      float gain = Math.abs(s - scaleValue(best)) - Math.abs(s - scaleValue(c));
      if (gain > 0 || gain == 0 && c % 2 == 0) {
        best = c;
      }
    }
    return best;
  }

  @Override
  public TensorScale tensorScale(float amax, DType source) {
    return new TensorScale(TensorScale.Kind.MULTIPLIER, amax == 0 ? 1 : amax / (6 * 448));
  }

  @Override
  public TensorScale searchScale(float amax) {
    return new TensorScale(TensorScale.Kind.MULTIPLIER, amax == 0 ? 1 : amax / (6 * 256));
  }

  @Override
  public int groupScale(float amax, TensorScale tensorScale, DType source) {
    return amax == 0
        ? emptyGroupScale()
        : Math.max(1, nearestScale(amax / 6 / tensorScale.effective(1)));
  }

  @Override
  public int emptyGroupScale() {
    return 0x38;
  }

  @Override
  public int code(float w, int scaleCode, TensorScale tensorScale) {
    return nearest(w / tensorScale.effective(scaleValue(scaleCode)));
  }
}
