package io.metalmarlin.runtime.backend;

import io.metalmarlin.runtime.cache.CacheFormat;

/// What a cache takes.
///
/// @param format name of how keys and values are stored, `fp32` where they are not rounded
/// @param bytesPerToken keys and values of one token, all layers together
/// @param positions there is room for
/// @param bytes of keys and values as allocated, the unrounded last ones among them
/// @param stateBytes of the states of recurrent mixers, which no format rounds
public record CacheUse(
    String format, long bytesPerToken, int positions, long bytes, long stateBytes) {
  public static CacheUse of(KvCache cache) {
    CacheFormat format = cache.format();
    return new CacheUse(
        format == null ? "fp32" : format.name(),
        cache.bytesPerToken(),
        cache.capacity(),
        cache.bytes(),
        cache.stateBytes());
  }
}
