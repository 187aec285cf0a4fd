package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.util.List;

/// The numeric grids this version knows. A new scheme is one line here.
public final class Schemes {
  public static final List<Scheme> ALL = List.of(Nvfp4Scheme.INSTANCE);

  private Schemes() {}
}
