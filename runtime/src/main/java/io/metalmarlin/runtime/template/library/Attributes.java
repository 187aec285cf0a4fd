package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import org.jspecify.annotations.Nullable;

/// The `attribute` argument of filters: `"name"`, `"a.b.0"` or a position.
final class Attributes {
  private Attributes() {}

  /// The attribute of an element, the element itself for null.
  ///
  /// @param otherwise instead of undefined; null for none
  static Value of(
      Value element, @Nullable Value attribute, @Nullable Value otherwise, Budget budget) {
    if (attribute == null) {
      return element;
    }
    if (attribute instanceof Num n && n.whole()) {
      return known(Access.item(element, attribute, budget), otherwise);
    }
    if (!(attribute instanceof Text path)) {
      throw new TemplateFault("an attribute is a name or a position, got " + attribute.type());
    }
    Value at = element;
    for (String part : path.value().split("\\.", -1)) {
      budget.step();
      Value key = part.matches("\\d{1,9}") ? new Int(Long.parseLong(part)) : new Text(part);
      at = known(Access.item(at, key, budget), otherwise);
    }
    return at;
  }

  private static Value known(Value v, @Nullable Value otherwise) {
    return v instanceof Undefined && otherwise != null ? otherwise : v;
  }

  /// What a comparison without regard to case looks at.
  static Value folded(Value v, boolean caseSensitive, Budget budget) {
    return v instanceof Text t && !caseSensitive ? budget.text(Cases.lower(t.value())) : v;
  }
}
