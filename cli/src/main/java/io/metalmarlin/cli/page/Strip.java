package io.metalmarlin.cli.page;

import java.util.ArrayList;
import java.util.List;

/// The experts of a layer as a row of fields, darker with more tokens; one that no token reached is
/// crossed out.
final class Strip {
  private static final int HEIGHT = 10;

  private Strip() {}

  /// @param heat of the tokens of all layers
  static void draw(Html html, int layer, List<Long> tokens, Heat heat) {
    html.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "class",
        "strip",
        "viewBox",
        "0 0 " + 10 * tokens.size() + " " + HEIGHT,
        "preserveAspectRatio",
        "none",
        "role",
        "img",
        "aria-label",
        "Tokens of the %d experts of layer %d, from %d to %d"
            .formatted(
                tokens.size(),
                layer,
                tokens.stream().mapToLong(t -> t).min().orElse(0),
                tokens.stream().mapToLong(t -> t).max().orElse(0)));
    // One path for each shade: a page of a model with ten thousand experts stays small.
    List<StringBuilder> shades = new ArrayList<>();
    for (int i = 0; i < Heat.LEVELS; i++) {
      shades.add(new StringBuilder());
    }
    StringBuilder none = new StringBuilder();
    for (int e = 0; e < tokens.size(); e++) {
      long t = tokens.get(e);
      if (t == 0) {
        none.append("M%d 1l8 8m0 -8l-8 8".formatted(10 * e + 1));
      } else {
        shades.get(heat.step(t)).append("M%d 0h9v10h-9z".formatted(10 * e));
      }
    }
    for (int i = 0; i < shades.size(); i++) {
      if (!shades.get(i).isEmpty()) {
        html.empty("path", "d", shades.get(i), "class", "s" + i);
      }
    }
    if (!none.isEmpty()) {
      html.empty("path", "d", none, "class", "none");
    }
    html.close();
  }
}
