package io.metalmarlin.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

/// Two arrays compared number by number, a hundred times faster than by assertions on boxed ones.
final class Near {
  private Near() {}

  /// @param within the largest difference allowed; not a number is near nothing
  /// @param what is compared, for the message
  static void check(String what, float[] actual, float[] expected, float within) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= within)) {
        throw new AssertionError(
            "%s: [%d] is %s, not within %s of %s"
                .formatted(what, i, actual[i], within, expected[i]));
      }
    }
  }
}
