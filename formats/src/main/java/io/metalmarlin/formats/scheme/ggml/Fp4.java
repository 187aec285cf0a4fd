package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.number.E2M1;

/// E2M1 elements and their scales with ggml's own rounding, which is not that of other producers.
public final class Fp4 {
  /// Twice the value of each code, an integer; code 8 is a plain zero. Scales are halved instead.
  static final float[] TWICE = new float[16];

  private static final int MAX_SCALE = 0x7e;
  private static final float[] HALF_SCALES = new float[256];

  static {
    for (int code = 0; code < 16; code++) {
      TWICE[code] = 2 * E2M1.value(code) + 0f;
    }
    for (int code = 0; code < 256; code++) {
      int exponent = code >> 3 & 15;
      float mantissa = exponent == 0 ? (code & 7) / 8f : 1 + (code & 7) / 8f;
      HALF_SCALES[code] =
          code == 0x7f ? 0 : mantissa * Math.scalb(1f, Math.max(exponent, 1) - 7) / 2;
    }
  }

  private Fp4() {}

  /// Half the scale of an E4M3 byte whose sign bit is ignored; 0x7F is zero, 0xFF is 480.
  static float halfScale(int code) {
    return HALF_SCALES[code];
  }

  /// The code whose value times `2 * half` is nearest to `x`; halves go towards zero, and nothing
  /// but code 0 gives zero. A scale of zero and an infinite or undefined `x` give code 0.
  static int nearest(float x, float half) {
    float a = Math.abs(x);
    int code;
    if (!(a <= 16 * half)) {
      code = nearestBeyond(a, half);
    } else if (a <= 2.5f * half) {
      code = (a > 0.5f * half ? 1 : 0) + (a > 1.5f * half ? 1 : 0);
    } else {
      code = 3 + (a > 3.5f * half ? 1 : 0) + (a > 5 * half ? 1 : 0);
      code += (a > 7 * half ? 1 : 0) + (a > 10 * half ? 1 : 0);
    }
    return x < 0 && code != 0 ? code | 8 : code;
  }

  /// The first code of least difference as fp32 sees it: far outside the range the differences are
  /// rounded to the same number and a lower code, even 0, comes first.
  private static int nearestBeyond(float a, float half) {
    int code = 0;
    for (int k = 1; k < 8; k++) {
      code = a - TWICE[k] * half < a - TWICE[code] * half ? k : code;
    }
    return code;
  }

  /// The scale byte for `x >= 0`. Below 2^-6 it rounds halves up but never reaches 2^-6; above it
  /// rounds halves up; from 248 on everything becomes 448.
  public static int scaleCode(float x) {
    if (!(x > 0)) {
      return 0;
    }
    if (x < 0x1p-6f) {
      return Math.min(7, (int) (x * 512 + 0.5f));
    }
    int rounded = (Float.floatToRawIntBits(x) >>> 19) + 1 >>> 1;
    int code = rounded - (127 - 7 << 3);
    return code >= 15 << 3 ? MAX_SCALE : code;
  }
}
