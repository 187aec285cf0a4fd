package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.tensor.DType;
import java.util.Locale;

/// A block type of ggml, where numbers and bytes are one definition: codes, scales and minima of 32
/// to 256 columns lie in one record. Its arithmetic is `scheme.ggml`'s.
///
/// @param type a block type
public record BlockScheme(DType type) implements Scheme {
  public BlockScheme {
    if (!type.isBlock()) {
      throw new IllegalArgumentException(type + " is no block type");
    }
  }

  /// The type's name in lower case with a prefix, so that ggml's own `nvfp4` and `mxfp4` layouts do
  /// not take the names of the grids.
  @Override
  public String name() {
    return "ggml-" + type.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int columnMultiple() {
    return type.blockElements();
  }

  @Override
  public double bitsPerWeight(int rows, int cols) {
    return 8.0 * type.blockBytes() / type.blockElements();
  }
}
