package io.metalmarlin.formats.scheme;

import static io.metalmarlin.formats.scheme.GroupScheme.WHOLE;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.formats.scheme.fpquant.ScaledMxfp4;
import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.util.ArrayList;
import java.util.List;

/// The numeric grids this version knows; of a grid with parameters one entry for each set of them
/// that is tested. A new scheme is one line here.
public final class Schemes {
  public static final List<Scheme> ALL = all();

  private Schemes() {}

  private static List<Scheme> all() {
    List<Scheme> all = new ArrayList<>();
    all.add(Nvfp4Scheme.INSTANCE);
    all.add(Nvfp4Scheme.SINGLE_LEVEL);
    all.add(FloatScheme.MXFP4);
    all.add(FloatScheme.MXFP8);
    all.add(ScaledMxfp4.INSTANCE);
    for (int[] shape : new int[][] {{WHOLE, WHOLE}, {1, WHOLE}, {128, 128}}) {
      for (ScaleType scale : List.of(ScaleType.BF16, ScaleType.F32)) {
        all.add(new FloatScheme(FloatScheme.Element.E4M3, shape[0], shape[1], scale));
      }
    }
    for (int bits = 2; bits <= 8; bits++) {
      for (Zero zero : Zero.values()) {
        all.add(new IntScheme(bits, 32, ScaleType.F16, zero));
        all.add(new IntScheme(bits, WHOLE, ScaleType.BF16, zero));
      }
    }
    for (int bits = 2; bits <= 4; bits++) {
      all.add(new CodebookScheme(bits, 64, ScaleType.F16));
      all.add(new CodebookScheme(bits, WHOLE, ScaleType.BF16));
      all.add(new TrellisScheme(bits, 64, ScaleType.F16));
    }
    all.add(new Sparse24Scheme(Nvfp4Scheme.INSTANCE));
    all.add(new Sparse24Scheme(new IntScheme(4, 64, ScaleType.BF16, Zero.NONE)));
    BlockCodecs.ALL.stream().map(BlockCodec::type).map(BlockScheme::new).forEach(all::add);
    return List.copyOf(all);
  }
}
