package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.model.Rope.Angles;
import java.util.ArrayList;
import java.util.List;

/// The rotary tables in use; a model has one, or one for each kind of layer. The latest few are
/// kept, because angles that follow the length of a sequence make a new one with every token.
final class RopeTables {
  private static final int KEPT = 4;

  private final List<RopeTable> tables = new ArrayList<>();

  /// The table of these angles, for at least `positions` positions.
  RopeTable of(Angles angles, int positions) {
    for (RopeTable t : tables) {
      if (t.isOf(angles)) {
        t.cover(positions);
        return t;
      }
    }
    if (tables.size() == KEPT) {
      tables.removeFirst();
    }
    RopeTable table = new RopeTable(angles);
    table.cover(positions);
    tables.add(table);
    return table;
  }
}
