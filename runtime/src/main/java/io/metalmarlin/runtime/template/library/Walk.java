package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.Stream;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.List;

/// Walking through values.
public final class Walk {
  private Walk() {}

  /// The elements: characters of a string, keys of a dictionary, nothing of undefined. A stream is
  /// empty afterwards.
  ///
  /// @throws TemplateFault for what has no elements
  public static List<Value> of(Value value, Budget budget) {
    return switch (value) {
      case Items i -> i.values();
      case Mapping m -> List.copyOf(m.entries().sequencedKeySet());
      case Stream s -> s.drain();
      case Undefined u -> List.of();
      case Text t -> characters(t, budget);
      default -> throw new TemplateFault("'" + value.type() + "' has no elements to walk through");
    };
  }

  /// Whether [#of] gives something.
  static boolean walkable(Value value) {
    return switch (value) {
      case Items i -> true;
      case Mapping m -> true;
      case Stream s -> true;
      case Undefined u -> true;
      case Text t -> true;
      default -> false;
    };
  }

  private static List<Value> characters(Text text, Budget budget) {
    budget.make(8L * text.value().length());
    return text.value()
        .codePoints()
        .mapToObj(c -> (Value) new Text(Character.toString(c)))
        .toList();
  }

  /// The number of elements.
  ///
  /// @throws TemplateFault for what has none
  public static int size(Value value, Budget budget) {
    return switch (value) {
      case Items i -> i.size();
      case Mapping m -> m.entries().size();
      case Undefined u -> 0;
      case Text t -> {
        budget.walk(t.value().length());
        yield t.length();
      }
      default -> throw new TemplateFault("'" + value.type() + "' has no length");
    };
  }
}
