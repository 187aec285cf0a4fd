package io.metalmarlin.cli.page;

import io.metalmarlin.cli.out.Figures;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/// Source and output as two bars of one scale, cut into their parts.
final class SizeChart {
  private static final int HEIGHT = 112;
  private static final int BAR = 26;
  private static final int ROOM = 16;

  private SizeChart() {}

  /// @param parts empty where only the sums are known
  static void draw(Html html, String id, long before, long after, List<SizePart> parts) {
    Svg svg =
        Svg.open(
            html,
            id,
            HEIGHT,
            "Size before and after",
            "All tensors of the source %s, of the output %s"
                .formatted(Figures.bytes(before), Figures.bytes(after)));
    long most =
        LongStream.of(
                1,
                before,
                after,
                parts.stream().mapToLong(SizePart::before).sum(),
                parts.stream().mapToLong(SizePart::after).sum())
            .max()
            .orElse(1);
    double scale = (Svg.WIDTH - 2.0) / most;
    bar(svg, 12, "source " + Figures.bytes(before), before, scale, parts, SizePart::before);
    bar(svg, 68, "output " + Figures.bytes(after), after, scale, parts, SizePart::after);
    svg.close();
  }

  private static void bar(
      Svg svg,
      double y,
      String label,
      long all,
      double scale,
      List<SizePart> parts,
      ToLongFunction<SizePart> bytes) {
    svg.label(1, y, label, "start");
    double x = 1;
    if (parts.isEmpty()) {
      svg.rectangle(x, y + 6, all * scale, BAR, "bar");
    }
    for (int i = 0; i < parts.size(); i++) {
      double width = bytes.applyAsLong(parts.get(i)) * scale;
      svg.rectangle(x, y + 6, width, BAR, "part c" + i);
      if (width >= ROOM) {
        svg.name(x + width / 2, y + 6 + BAR / 2.0 + 4, parts.get(i).letter());
      }
      x += width;
    }
  }
}
