package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Callable;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Loop;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.Namespace;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `value.name`, `value[key]` and `value[begin:end:step]`. An attribute is a documented method or a
/// dictionary's key; there is no way from a value to anything else.
public final class Access {
  private Access() {}

  /// `value.name`: a method, else a key.
  public static Value attribute(Value value, String name, Budget budget) {
    Value own = own(value, name);
    if (own != null) {
      return own;
    }
    Value item = value instanceof Mapping m ? m.entries().get(new Text(name)) : null;
    return item == null ? missing(value, name) : item;
  }

  /// `value[key]`: an element, else a method.
  public static Value item(Value value, Value key, Budget budget) {
    Value element = element(value, key, budget);
    if (element != null) {
      return element;
    }
    Value own = key instanceof Text t ? own(value, t.value()) : null;
    return own != null ? own : missing(value, Display.str(key, budget));
  }

  /// `value|attr(name)`: a method, never a key.
  static Value attributeOnly(Value value, String name) {
    Value own = own(value, name);
    return own == null ? missing(value, name) : own;
  }

  private static @Nullable Value own(Value value, String name) {
    return switch (value) {
      case Undefined u -> throw u.fault();
      case Namespace n -> n.get(name);
      case Loop l -> l.attribute(name);
      case Items i when i.named(name) != null -> i.named(name);
      default -> {
        Method m = Methods.find(value, name);
        yield m == null ? null : new Callable(name, (a, b) -> m.call(value, a, b));
      }
    };
  }

  private static Undefined missing(Value value, String name) {
    return new Undefined("'%s' has no attribute '%s'".formatted(value.type(), name));
  }

  private static @Nullable Value element(Value value, Value key, Budget budget) {
    return switch (value) {
      case Undefined u -> throw u.fault();
      case Mapping m -> m.entries().get(budget.key(key));
      case Items i when i.kind().indexed() && key instanceof Num n && n.whole() ->
          at(i.values(), n.integer());
      case Text t when key instanceof Num n && n.whole() -> at(t, n.integer(), budget);
      default -> null;
    };
  }

  private static @Nullable Value at(List<Value> values, long index) {
    long i = index < 0 ? index + values.size() : index;
    return i < 0 || i >= values.size() ? null : values.get((int) i);
  }

  private static @Nullable Value at(Text text, long index, Budget budget) {
    budget.walk(text.value().length());
    String s = text.value();
    int length = text.length();
    long i = index < 0 ? index + length : index;
    if (i < 0 || i >= length) {
      return null;
    }
    return new Text(Character.toString(s.codePointAt(s.offsetByCodePoints(0, (int) i))));
  }

  /// `value[begin:end:step]`; bounds may be none.
  ///
  /// @throws TemplateFault for a step of 0, bounds that are no whole numbers, values without
  ///   positions
  public static Value slice(Value value, Value begin, Value end, Value step, Budget budget) {
    return switch (value) {
      case Undefined u -> throw u.fault();
      case Items i when i.kind().indexed() -> {
        int[] positions = positions(i.size(), begin, end, step, budget);
        List<Value> out = new ArrayList<>(positions.length);
        for (int p : positions) {
          out.add(i.values().get(p));
        }
        yield budget.items(i.kind(), out);
      }
      case Text t -> {
        budget.walk(t.value().length());
        int[] points = t.value().codePoints().toArray();
        int[] positions = positions(points.length, begin, end, step, budget);
        StringBuilder out = new StringBuilder(positions.length);
        for (int p : positions) {
          out.appendCodePoint(points[p]);
        }
        yield budget.text(out.toString());
      }
      default -> new Undefined("'%s' cannot be sliced".formatted(value.type()));
    };
  }

  private static int[] positions(int length, Value begin, Value end, Value step, Budget budget) {
    long by = bound(step, 1);
    if (by == 0) {
      throw new TemplateFault("the step of a slice cannot be 0");
    }
    long first = by > 0 ? 0 : -1;
    long behind = by > 0 ? length : length - 1;
    long from = clamp(bound(begin, by > 0 ? 0 : Long.MAX_VALUE), length, first, behind);
    long to =
        end instanceof None ? (by > 0 ? length : -1) : clamp(bound(end, 0), length, first, behind);
    long span = by > 0 ? to - from : from - to;
    long count = span <= 0 ? 0 : (span - 1) / Math.absExact(Math.max(by, -Long.MAX_VALUE)) + 1;
    budget.make(count);
    int[] out = new int[(int) count];
    for (int i = 0; i < count; i++) {
      out[i] = (int) (from + i * by);
    }
    return out;
  }

  private static long clamp(long bound, int length, long first, long behind) {
    long b = bound < 0 ? bound + length : bound;
    return Math.clamp(b, first, behind);
  }

  private static long bound(Value v, long otherwise) {
    return switch (v) {
      case None n -> otherwise;
      case Num n when n.whole() -> n.integer();
      default -> throw new TemplateFault("a slice wants whole numbers, got " + v.type());
    };
  }
}
