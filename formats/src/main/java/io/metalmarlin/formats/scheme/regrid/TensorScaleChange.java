package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.TensorScale;

/// What it means for NVFP4 weights that a tensor scale is stored in the other direction: codes and
/// group scales keep their bytes, the tensor scale becomes its reciprocal, rounded once, as every
/// dialect's own converter does it. Where the reciprocal is not exact some fp32 weights differ in
/// their last bits.
public final class TensorScaleChange {
  private TensorScaleChange() {}

  /// The largest distance, in units in the last place, between a weight under `scale` and the same
  /// codes under `scale` stored as `wanted`; over all group scales and codes. 0 where the kind
  /// stays or the reciprocal is exact.
  public static int ulps(TensorScale scale, TensorScale.Kind wanted) {
    if (scale.kind() == wanted || scale.kind() == TensorScale.Kind.NONE) {
      return 0;
    }
    TensorScale other = scale.as(wanted);
    int worst = 0;
    for (int code = 0; code < 0x7f; code++) {
      for (int element = 0; element < 8; element++) {
        float a = E2M1.value(element) * scale.effective(E4M3.value(code));
        float b = E2M1.value(element) * other.effective(E4M3.value(code));
        worst = Math.max(worst, Math.abs(Float.floatToIntBits(a) - Float.floatToIntBits(b)));
      }
    }
    return worst;
  }
}
