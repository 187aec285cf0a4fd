package io.metalmarlin.runtime.cache;

import java.util.List;
import java.util.Optional;

/// The formats of a cache that is smaller than its fp32 numbers. A new one is one class and one
/// line.
public final class CacheFormats {
  public static final List<CacheFormat> ALL =
      List.of(new Int8Cache(), new Int4Cache(), new Fp4Cache(), new Nvfp4Cache());

  private CacheFormats() {}

  /// The format that `--kv-cache` calls so.
  public static Optional<CacheFormat> named(String name) {
    return ALL.stream().filter(f -> f.name().equals(name)).findFirst();
  }
}
