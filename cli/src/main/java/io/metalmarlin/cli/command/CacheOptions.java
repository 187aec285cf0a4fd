package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.CacheConverter;
import io.metalmarlin.runtime.cache.CacheFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How keys and values are remembered.
final class CacheOptions {
  @Option(
      names = "--kv-cache",
      order = 32,
      paramLabel = "FORMAT",
      converter = CacheConverter.class,
      description =
          "Round keys and values that are older than 32 tokens: none, int8, int4, fp4 or nvfp4"
              + " (none).")
  CacheConverter.@Nullable Choice kvCache;

  /// Null for fp32.
  @Nullable CacheFormat format() {
    return kvCache == null ? null : kvCache.format();
  }
}
