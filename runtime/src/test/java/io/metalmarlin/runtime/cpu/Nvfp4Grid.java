package io.metalmarlin.runtime.cpu;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;

/// The NVFP4 grid written out for kernel tests: E2M1 codes, one E4M3 scale per 16 columns.
final class Nvfp4Grid implements GroupScheme {
  @Override
  public String name() {
    return "nvfp4";
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
    float[] magnitudes = {0, .5f, 1, 1.5f, 2, 3, 4, 6};
    return code < 8 ? magnitudes[code] : -magnitudes[code - 8];
  }

  @Override
  public int nearest(float x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public float scaleValue(int code) {
    int exponent = code >> 3 & 15;
    float m = code & 7;
    float v = exponent == 0 ? m * 0x1p-9f : (1 + m / 8) * (float) Math.pow(2, exponent - 7);
    return (code & 0x7f) == 0x7f ? Float.NaN : code < 128 ? v : -v;
  }

  @Override
  public int nearestScale(float s) {
    throw new UnsupportedOperationException();
  }
}
