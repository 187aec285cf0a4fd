package io.metalmarlin.cli.page;

import io.metalmarlin.quant.report.ModulePlace;
import io.metalmarlin.quant.report.Weight;
import io.metalmarlin.quant.report.Weight.Solve;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Which inputs had their channels scaled before anything was rounded.
final class FoldTable {
  private static final int SHOWN = 50;

  private FoldTable() {}

  /// Nothing where nothing was folded in.
  static void write(Html html, List<Weight> weights) {
    Map<Integer, Map<String, Set<String>>> byLayer = new TreeMap<>();
    for (Weight w : weights) {
      ModulePlace place = w.place();
      w.solve()
          .flatMap(Solve::fold)
          .ifPresent(fold ->
              byLayer
                  .computeIfAbsent(place.layer(), l -> new TreeMap<>())
                  .computeIfAbsent(fold, f -> new LinkedHashSet<>())
                  .add(place.role()));
    }
    if (byLayer.isEmpty()) {
      return;
    }
    Tables t =
        Tables.open(
            html,
            "Inputs whose channels were scaled by powers of two, what makes them the other way: the"
                + " model computes the same",
            List.of(">Layer", "Matrices", "Scaling, as input^a / column^b"));
    int rows = 0;
    for (Map.Entry<Integer, Map<String, Set<String>>> layer : byLayer.entrySet()) {
      for (Map.Entry<String, Set<String>> fold : layer.getValue().entrySet()) {
        if (rows++ < SHOWN) {
          t.row(
              Integer.toString(layer.getKey()), String.join(", ", fold.getValue()), fold.getKey());
        }
      }
    }
    t.close();
    if (rows > SHOWN) {
      html.leaf(
          "p", "The first %d of %d; report.json has all.".formatted(SHOWN, rows), "class", "note");
    }
  }
}
