package io.metalmarlin.runtime.text.normalize;

import java.util.List;

/// Rewrites a text before it is cut into pieces. Stateless.
@FunctionalInterface
public interface TextNormalizer {
  /// Leaves texts as they are.
  TextNormalizer NONE = (text, first) -> text;

  /// @param text what stands between two added tokens
  /// @param first whether it is the beginning of the whole text
  String apply(String text, boolean first);

  /// One after the other.
  static TextNormalizer all(List<TextNormalizer> steps) {
    List<TextNormalizer> some = steps.stream().filter(s -> s != NONE).toList();
    return switch (some.size()) {
      case 0 -> NONE;
      case 1 -> some.getFirst();
      default ->
          (text, first) -> {
            String now = text;
            for (TextNormalizer step : some) {
              now = step.apply(now, first);
            }
            return now;
          };
    };
  }
}
