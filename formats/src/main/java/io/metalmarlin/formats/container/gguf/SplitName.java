package io.metalmarlin.formats.container.gguf;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The name of one part of a split file, `PREFIX-00001-of-00003.gguf`.
///
/// @param number of the part, from 1
/// @param count of parts
record SplitName(String prefix, int number, int count) {
  private static final Pattern NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");

  static Optional<SplitName> of(Path file) {
    Matcher m = NAME.matcher(file.getFileName().toString());
    return m.matches()
        ? Optional.of(
            new SplitName(m.group(1), Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3))))
        : Optional.empty();
  }

  SplitName part(int other) {
    return new SplitName(prefix, other, count);
  }

  String fileName() {
    return "%s-%05d-of-%05d.gguf".formatted(prefix, number, count);
  }
}
