package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What a command hands back; printing it is the caller's business.
///
/// @param result the command's JSON object, null when it produced none
/// @param text the same for people; empty when it was streamed
/// @param failures why it did not end well, most important first; the first decides the exit code
public record Outcome(@Nullable ObjectNode result, String text, List<Failure> failures) {
  public Outcome {
    failures = List.copyOf(failures);
  }

  public static Outcome ok(ObjectNode result, String text) {
    return new Outcome(result, text, List.of());
  }

  /// A failure without a result.
  public static Outcome failed(Failure failure) {
    return new Outcome(null, "", List.of(failure));
  }

  /// The failure that decides the exit code, null when all is well.
  public @Nullable Failure failure() {
    return failures.isEmpty() ? null : failures.getFirst();
  }

  public int exit() {
    return failures.isEmpty() ? 0 : failures.getFirst().exit();
  }
}
