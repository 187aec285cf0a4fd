package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.number.E2M1;
import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;

/// What the NVFP4 producers have in common: how a weight becomes a code once the scales stand.
abstract sealed class Nvfp4Profile implements Profile
    permits CompressedTensorsNvfp4Profile, ModelOptNvfp4Profile {
  /// `w / (scale combined with the tensor scale)` to the nearest E2M1, two roundings in fp32. A
  /// weight below zero that rounds to zero gives code 8, -0 gives code 0.
  @Override
  public final int code(float w, int scaleCode, TensorScale tensorScale) {
    // Decided before the division: an empty group may have a scale that underflows to 0.
    return w == 0 ? 0 : E2M1.nearest(w / tensorScale.effective(E4M3.value(scaleCode)));
  }
}
