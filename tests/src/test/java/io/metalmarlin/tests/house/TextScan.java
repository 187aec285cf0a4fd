package io.metalmarlin.tests.house;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Searches the repository's own text. What is left out is listed here and nowhere else.
final class TextScan {
  /// Files that are data, not words of ours: model files and texts shipped for calibration.
  private static final Path SHIPPED_DATA = Path.of("calibration-data", "src", "main", "resources");

  private static final Set<String> BINARY =
      Set.of("safetensors", "gguf", "jar", "png", "svg", "gz", "zip", "bin", "i8");

  private TextScan() {}

  /// `file:line: text` of every line in which the pattern is found.
  static List<String> hits(Pattern pattern) {
    List<String> hits = new ArrayList<>();
    for (Path file : Repository.files()) {
      String name = file.toString();
      if (BINARY.contains(name.substring(name.lastIndexOf('.') + 1)) || shippedData(file)) {
        continue;
      }
      int at = 0;
      for (String line : Repository.lines(file)) {
        at++;
        if (pattern.matcher(line).find()) {
          hits.add(file + ":" + at + ": " + line.strip());
        }
      }
    }
    return hits;
  }

  private static boolean shippedData(Path file) {
    return file.startsWith(SHIPPED_DATA) && !file.toString().contains("META-INF");
  }
}
