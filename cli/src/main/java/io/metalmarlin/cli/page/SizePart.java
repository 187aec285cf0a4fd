package io.metalmarlin.cli.page;

import io.metalmarlin.quant.report.ModulePlace;
import io.metalmarlin.quant.report.RunReport;
import io.metalmarlin.quant.report.RunReport.Kept;
import io.metalmarlin.quant.report.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What an output consists of, for the drawing of its size.
///
/// @param letter by which drawing and table name it
record SizePart(String letter, String name, long before, long after) {
  private static final int MOST = 7;
  private static final String LETTERS = "ABCDEFG";

  /// The largest parts first, the small ones together; empty where sizes were not recorded.
  static List<SizePart> of(RunReport run) {
    if (run.kept().isEmpty()
        || run.weights().stream()
            .anyMatch(w -> w.sourceBytes().isEmpty() || w.outputBytes().isEmpty())) {
      return List.of();
    }
    Map<String, long[]> sizes = new LinkedHashMap<>();
    for (Weight w : run.weights()) {
      add(sizes, component(w.place()), w.sourceBytes().getAsLong(), w.outputBytes().getAsLong());
    }
    for (Kept k : run.kept().orElseThrow()) {
      ModulePlace place = ModulePlace.of(k.name());
      String name =
          place.layer() == ModulePlace.OUTSIDE ? last(place.role()) : "kept inside the layers";
      add(sizes, name, k.sourceBytes(), k.bytes());
    }
    List<Map.Entry<String, long[]>> sorted = new ArrayList<>(sizes.entrySet());
    sorted.sort(Comparator.comparingLong(e -> -e.getValue()[0]));
    List<SizePart> parts = new ArrayList<>();
    for (int i = 0; i < sorted.size(); i++) {
      Map.Entry<String, long[]> e = sorted.get(i);
      if (i < MOST - 1 || sorted.size() == MOST) {
        parts.add(new SizePart(letter(i), e.getKey(), e.getValue()[0], e.getValue()[1]));
      } else {
        SizePart rest = parts.size() == MOST ? parts.removeLast() : new SizePart("", "", 0, 0);
        parts.add(
            new SizePart(
                letter(MOST - 1),
                "everything else",
                rest.before + e.getValue()[0],
                rest.after + e.getValue()[1]));
      }
    }
    return parts;
  }

  private static String letter(int i) {
    return LETTERS.substring(i, i + 1);
  }

  private static void add(Map<String, long[]> sizes, String name, long before, long after) {
    long[] sum = sizes.computeIfAbsent(name, n -> new long[2]);
    sum[0] += before;
    sum[1] += after;
  }

  /// `self_attn`, `mlp`, or the experts of a layer.
  private static String component(ModulePlace place) {
    if (place.expert() != ModulePlace.SINGLE) {
      return "experts";
    }
    int dot = place.role().indexOf('.');
    return place.layer() == ModulePlace.OUTSIDE || dot < 0
        ? last(place.role())
        : place.role().substring(0, dot);
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
