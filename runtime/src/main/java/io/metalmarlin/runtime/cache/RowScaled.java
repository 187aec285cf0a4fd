package io.metalmarlin.runtime.cache;

/// One fp16 scale a row, under which the largest magnitude takes the largest code.
abstract class RowScaled implements CacheFormat {
  @Override
  public ScaleKind scales() {
    return ScaleKind.F16;
  }

  @Override
  public int group(int width) {
    return width;
  }

  @Override
  public int scale(float[] x, int from, int to, float amax) {
    return scales().bits(amax, codes().top());
  }
}
