package io.metalmarlin.formats.scheme.fpquant;

import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;

/// MXFP4 under an fp32 tensor scale, as FP-Quant stores it with the divisor 3: a group's elements
/// are multiplied by `2^e / 3`, where plain MXFP4 multiplies by `2^e`.
public final class ScaledMxfp4 implements GroupScheme {
  public static final ScaledMxfp4 INSTANCE = new ScaledMxfp4();

  /// Columns that share a scale.
  public static final int GROUP_SIZE = 32;

  private ScaledMxfp4() {}

  @Override
  public String name() {
    return "mxfp4-tensor-scaled";
  }

  @Override
  public int groupSize() {
    return GROUP_SIZE;
  }

  @Override
  public int codeBits() {
    return 4;
  }

  @Override
  public ScaleType scaleType() {
    return ScaleType.E8M0;
  }

  @Override
  public boolean hasTensorScale() {
    return true;
  }

  @Override
  public float value(int code) {
    return E2M1.value(code);
  }

  @Override
  public int nearest(float x) {
    return E2M1.nearest(x);
  }
}
