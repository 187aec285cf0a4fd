package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.TensorScale;
import java.util.List;

/// ModelOpt's NVFP4: `weight` U8 `[out, in/2]`, `weight_scale` F8_E4M3 `[out, in/16]`,
/// `weight_scale_2` F32 `[]`, a multiplier. The name `weight` is also that of a dense matrix: its
/// type tells them apart.
public final class ModelOptNvfp4 extends Nvfp4Packing {
  public static final ModelOptNvfp4 INSTANCE = new ModelOptNvfp4();

  private ModelOptNvfp4() {}

  @Override
  public String name() {
    return "modelopt-nvfp4";
  }

  @Override
  public TensorScale.Kind tensorScaleKind() {
    return TensorScale.Kind.MULTIPLIER;
  }

  @Override
  public Profile profile() {
    return ModelOptNvfp4Profile.INSTANCE;
  }

  @Override
  String codesSuffix() {
    return "weight";
  }

  @Override
  String tensorScaleSuffix() {
    return "weight_scale_2";
  }

  @Override
  List<Long> tensorScaleShape() {
    return List.of();
  }
}
