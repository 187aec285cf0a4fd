package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Errors as a user sees them.
final class Failures {
  private Failures() {}

  /// @param words to be found in the place or the message
  static void fails(ErrorCode code, ThrowingCallable action, String... words) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.where() + " " + e.getMessage()).contains(words);
            });
  }
}
