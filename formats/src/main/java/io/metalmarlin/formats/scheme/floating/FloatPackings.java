package io.metalmarlin.formats.scheme.floating;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import java.util.ArrayList;
import java.util.List;

/// The sets of parameters of FP8 and microscaling layouts that are tested.
public final class FloatPackings {
  public static final List<GroupPacking> ALL = all();

  private FloatPackings() {}

  private static List<GroupPacking> all() {
    List<GroupPacking> all = new ArrayList<>(List.of(MxPacking.MXFP4, MxPacking.MXFP8));
    for (ScaleType scale : List.of(ScaleType.BF16, ScaleType.F16, ScaleType.F32)) {
      FloatScheme tensor = FloatScheme.fp8(GroupScheme.WHOLE, GroupScheme.WHOLE, scale);
      FloatScheme channel = FloatScheme.fp8(1, GroupScheme.WHOLE, scale);
      FloatScheme block = FloatScheme.fp8(128, 128, scale);
      for (FloatScheme scheme : List.of(tensor, channel, block, FloatScheme.fp8(1, 64, scale))) {
        all.add(new Fp8Packing(scheme, Fp8Layout.COMPRESSED_TENSORS));
      }
      all.add(new Fp8Packing(tensor, Fp8Layout.MODELOPT));
      all.add(new Fp8Packing(channel, Fp8Layout.MODELOPT));
      all.add(new Fp8Packing(block, Fp8Layout.MODELOPT_BLOCKS));
      all.add(new Fp8Packing(block, Fp8Layout.NATIVE));
    }
    return List.copyOf(all);
  }
}
