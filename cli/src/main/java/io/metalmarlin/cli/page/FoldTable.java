package io.metalmarlin.cli.page;

import io.metalmarlin.quant.report.ModulePlace;
import io.metalmarlin.quant.report.Weight;
import io.metalmarlin.quant.report.Weight.Solve;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which inputs had their channels scaled before anything was rounded, and which are transformed.
final class FoldTable {
  private static final int SHOWN = 50;

  private FoldTable() {}

  /// Nothing where nothing was done to any input.
  static void write(Html html, List<Weight> weights) {
    Map<Integer, Map<String, Set<String>>> byLayer = new TreeMap<>();
    for (Weight w : weights) {
      ModulePlace place = w.place();
      w.solve()
          .map(FoldTable::changes)
          .filter(changes -> !changes.isEmpty())
          .ifPresent(changes ->
              byLayer
                  .computeIfAbsent(place.layer(), l -> new TreeMap<>())
                  .computeIfAbsent(changes, f -> new LinkedHashSet<>())
                  .add(place.role()));
    }
    if (byLayer.isEmpty()) {
      return;
    }
    Tables t =
        Tables.open(
            html,
            "Inputs whose channels were scaled by powers of two (smooth-a-b: as input^a / column^b),"
                + " what makes them the other way, or that the runner turns in blocks (had): the"
                + " model computes the same",
            List.of(">Layer", "Matrices", "Done to their input"));
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

  private static String changes(Solve solve) {
    return Stream.of(solve.fold(), solve.transform())
        .flatMap(Optional::stream)
        .collect(Collectors.joining(", "));
  }
}
