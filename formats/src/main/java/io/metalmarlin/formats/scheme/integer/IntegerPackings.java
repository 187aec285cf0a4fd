package io.metalmarlin.formats.scheme.integer;

import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/// The sets of parameters of integer layouts that are tested.
public final class IntegerPackings {
  public static final List<GroupPacking> ALL = all();

  private IntegerPackings() {}

  private static List<GroupPacking> all() {
    List<GroupPacking> all = new ArrayList<>();
    for (int bits = 2; bits <= 8; bits++) {
      for (Zero zero : List.of(Zero.NONE, Zero.POINT)) {
        IntScheme groups = new IntScheme(bits, 32, ScaleType.BF16, zero);
        all.add(new PackQuantized(groups));
        all.add(new PackQuantized(groups, true, false));
        all.add(new PackQuantized(new IntScheme(bits, GroupScheme.WHOLE, ScaleType.F16, zero)));
        all.add(new PackQuantized(groups, false, false, DType.I8, DType.I32));
        if (32 % bits != 0) {
          all.add(new PackQuantized(groups, false, true));
        }
      }
    }
    for (Zero zero : List.of(Zero.NONE, Zero.POINT)) {
      all.add(new IntQuantized(new IntScheme(8, GroupScheme.WHOLE, ScaleType.BF16, zero)));
      all.add(new IntQuantized(new IntScheme(8, 64, ScaleType.F32, zero)));
    }
    all.add(new ModelOptInt4(new IntScheme(4, 128, ScaleType.F32, Zero.NONE)));
    return List.copyOf(all);
  }
}
