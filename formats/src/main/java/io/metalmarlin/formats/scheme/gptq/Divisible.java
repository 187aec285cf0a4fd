package io.metalmarlin.formats.scheme.gptq;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;

/// Sizes that a packed layout cannot hold.
final class Divisible {
  private Divisible() {}

  /// @throws MarlinException `NOT_DIVISIBLE` unless `size` is a multiple of `unit`
  static void require(String layout, String side, long size, int unit, String what) {
    if (size % unit != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          layout,
          "%s %d is not a multiple of %d (%s)".formatted(side, size, unit, what),
          "Leave the module out with --ignore, or choose another group size or target.");
    }
  }
}
