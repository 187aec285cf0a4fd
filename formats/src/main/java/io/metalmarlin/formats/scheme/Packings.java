package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import java.util.List;

/// The byte layouts this version reads and writes. A new packing is one line here.
public final class Packings {
  public static final List<Packing> ALL =
      List.of(CompressedTensorsNvfp4.INSTANCE, ModelOptNvfp4.INSTANCE);

  private Packings() {}
}
