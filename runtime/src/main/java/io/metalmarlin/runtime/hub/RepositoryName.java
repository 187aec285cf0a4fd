package io.metalmarlin.runtime.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `org/name[@revision][:FILE]` of a model on the Hugging Face Hub.
///
/// @param organisation before the slash
/// @param name behind it
/// @param revision branch, tag (possibly with slashes, `refs/pr/1`) or commit; `main` if not given
/// @param file which GGUF model of several: a file's path, or the type in its name (`Q4_K_M`)
public record RepositoryName(
    String organisation, String name, String revision, Optional<String> file) {
  /// Names begin with a letter or digit, so no part can be `..` or an option.
  private static final String PART = "([A-Za-z0-9_][A-Za-z0-9._-]*)";

  private static final Pattern SYNTAX =
      Pattern.compile(
          PART
              + "/"
              + PART
              + "(?:@("
              + PART
              + "(?:/"
              + PART
              + ")*))?(?::("
              + PART
              + "(?:/"
              + PART
              + ")*))?");

  private static final int REVISION = 3;
  private static final int FILE = 6;
  private static final int COMMIT_LENGTH = 40;

  /// What `spec` names, if it has that form.
  public static Optional<RepositoryName> parse(String spec) {
    Matcher m = SYNTAX.matcher(spec);
    if (!m.matches()) {
      return Optional.empty();
    }
    String revision = m.group(REVISION) == null ? "main" : m.group(REVISION);
    return Optional.of(
        new RepositoryName(m.group(1), m.group(2), revision, Optional.ofNullable(m.group(FILE))));
  }

  /// Whether a text is a full commit id.
  public static boolean isCommit(String text) {
    return text.length() == COMMIT_LENGTH
        && text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80);
  }

  /// `org/name`.
  public String id() {
    return organisation + "/" + name;
  }

  /// As the user would write it.
  public String spec() {
    return id()
        + (revision.equals("main") ? "" : "@" + revision)
        + file.map(f -> ":" + f).orElse("");
  }

  /// The folder of the repository inside the cache.
  public String folderName() {
    return "models--" + organisation + "--" + name;
  }
}
