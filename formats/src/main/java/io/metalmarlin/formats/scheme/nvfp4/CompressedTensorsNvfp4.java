package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import java.util.List;

/// compressed-tensors `nvfp4-pack-quantized`: `weight_packed` U8 `[out, in/2]`, `weight_scale`
/// F8_E4M3 `[out, in/16]`, `weight_global_scale` F32 `[1]`, a divisor.
public final class CompressedTensorsNvfp4 extends Nvfp4Packing {
  public static final CompressedTensorsNvfp4 INSTANCE = new CompressedTensorsNvfp4();

  private CompressedTensorsNvfp4() {}

  @Override
  public String name() {
    return "nvfp4-pack-quantized";
  }

  @Override
  public TensorScale.Kind tensorScaleKind() {
    return TensorScale.Kind.DIVISOR;
  }

  @Override
  public Profile profile() {
    return CompressedTensorsNvfp4Profile.INSTANCE;
  }

  @Override
  String codesSuffix() {
    return "weight_packed";
  }

  @Override
  String tensorScaleSuffix() {
    return "weight_global_scale";
  }

  @Override
  List<Long> tensorScaleShape() {
    return List.of(1L);
  }
}
