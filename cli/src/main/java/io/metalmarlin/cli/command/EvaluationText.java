package io.metalmarlin.cli.command;

import io.metalmarlin.runtime.text.Corpora;
import io.metalmarlin.runtime.text.TextFiles;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `eval` measures on.
///
/// @param name for reports: the file as given, or `embedded:evaluation`
/// @param text all documents joined without a separator, as the job's proof joins them
record EvaluationText(String name, String text) {
  private static final String EMBEDDED = "evaluation";

  /// @param file null for the embedded text
  static EvaluationText read(@Nullable Path file) {
    List<String> documents =
        file == null ? Corpora.named(EMBEDDED).documents() : TextFiles.read(file);
    String name = file == null ? "embedded:" + EMBEDDED : file.toString();
    return new EvaluationText(name, String.join("", documents));
  }
}
