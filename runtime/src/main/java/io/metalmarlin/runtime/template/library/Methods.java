package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The methods of strings, lists, tuples and dictionaries that do not change them. Those that would
/// are known, so that a call is refused by name.
final class Methods {
  private static final Set<String> CHANGES_LIST =
      Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
  private static final Set<String> CHANGES_DICT =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  private Methods() {}

  /// The method of that name, null when there is none.
  static @Nullable Method find(Value value, String name) {
    return switch (value) {
      case Text t -> TextMethods.ALL.get(name);
      case Mapping m -> CHANGES_DICT.contains(name) ? refused(m, name) : DictMethods.ALL.get(name);
      case Items i when i.kind().indexed() ->
          i.kind() == Items.Kind.LIST && CHANGES_LIST.contains(name)
              ? refused(i, name)
              : ListMethods.ALL.get(name);
      default -> null;
    };
  }

  private static Method refused(Value value, String name) {
    return (self, a, b) -> {
      throw new TemplateFault(
          "%s() would change a %s, and values of a template do not change"
              .formatted(name, value.type()));
    };
  }
}
