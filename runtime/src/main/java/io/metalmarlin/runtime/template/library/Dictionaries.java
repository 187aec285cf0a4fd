package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.List;

/// Dictionaries as lists of pairs.
final class Dictionaries {
  private Dictionaries() {}

  /// Tuples of key and value.
  static List<Value> pairs(Mapping m, Budget budget) {
    List<Value> pairs = new ArrayList<>(m.entries().size());
    m.entries().forEach((k, v) -> pairs.add(budget.tuple(k, v)));
    return pairs;
  }

  /// What `items()` gives.
  static Items entries(Mapping m, Budget budget) {
    return budget.items(Items.Kind.ENTRIES, pairs(m, budget));
  }
}
