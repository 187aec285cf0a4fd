package io.metalmarlin.runtime.source;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `org/name[@revision]` of a model on the Hugging Face Hub.
///
/// @param organisation before the slash
/// @param name behind it
/// @param revision branch, tag (possibly with slashes, `refs/pr/1`) or commit; `main` if not given
record RepositoryName(String organisation, String name, String revision) {
  /// Names begin with a letter or digit, so no part can be `..` or an option.
  private static final String PART = "([A-Za-z0-9_][A-Za-z0-9._-]*)";

  private static final Pattern SYNTAX =
      Pattern.compile(PART + "/" + PART + "(?:@(" + PART + "(?:/" + PART + ")*))?");

  static Optional<RepositoryName> parse(String spec) {
    Matcher m = SYNTAX.matcher(spec);
    if (!m.matches()) {
      return Optional.empty();
    }
    String revision = m.group(3) == null ? "main" : m.group(3);
    return Optional.of(new RepositoryName(m.group(1), m.group(2), revision));
  }

  /// `org/name`.
  String id() {
    return organisation + "/" + name;
  }

  /// The folder of the repository inside the cache.
  String folderName() {
    return "models--" + organisation + "--" + name;
  }
}
