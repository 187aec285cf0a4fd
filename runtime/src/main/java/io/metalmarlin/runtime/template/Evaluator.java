package io.metalmarlin.runtime.template;

import io.metalmarlin.runtime.template.library.Access;
import io.metalmarlin.runtime.template.library.Display;
import io.metalmarlin.runtime.template.library.Filters;
import io.metalmarlin.runtime.template.library.Operators;
import io.metalmarlin.runtime.template.library.Tests;
import io.metalmarlin.runtime.template.library.Walk;
import io.metalmarlin.runtime.template.syntax.Expr;
import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Callable;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Loop;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Evaluates expressions.
final class Evaluator {
  private final Budget budget;

  Evaluator(Budget budget) {
    this.budget = budget;
  }

  Value evaluate(Expr e, Scope scope) {
    budget.enter();
    try {
      return value(e, scope);
    } catch (TemplateFault f) {
      throw f.at(e.at());
    } finally {
      budget.leave();
    }
  }

  boolean truth(Expr e, Scope scope) {
    return evaluate(e, scope).truthy();
  }

  private Value value(Expr e, Scope scope) {
    return switch (e) {
      case Expr.Constant c -> c.value();
      case Expr.Name n -> scope.get(n.name());
      case Expr.Sequence s ->
          budget.items(s.tuple() ? Items.Kind.TUPLE : Items.Kind.LIST, all(s.items(), scope));
      case Expr.Dictionary d -> dictionary(d, scope);
      case Expr.Unary u -> {
        Value v = evaluate(u.operand(), scope);
        yield u.operator().equals("not") ? Operators.not(v) : Operators.sign(u.operator(), v);
      }
      case Expr.Binary b ->
          Operators.binary(
              b.operator(), evaluate(b.left(), scope), evaluate(b.right(), scope), budget);
      case Expr.Logic l -> {
        Value left = evaluate(l.left(), scope);
        yield left.truthy() == l.and() ? evaluate(l.right(), scope) : left;
      }
      case Expr.Concat c -> concat(c, scope);
      case Expr.Compare c -> compare(c, scope);
      case Expr.Conditional c -> conditional(c, scope);
      case Expr.Attribute a -> Access.attribute(evaluate(a.target(), scope), a.name(), budget);
      case Expr.Subscript s -> subscript(s, scope);
      case Expr.Slice s -> throw new TemplateFault("a slice stands alone between brackets");
      case Expr.Call c -> call(evaluate(c.function(), scope), arguments(c.arguments(), scope));
      case Expr.Filter f -> filter(f.filter(), evaluate(f.input(), scope), scope);
      case Expr.Test t ->
          Bool.of(
              Tests.apply(
                  t.name(), evaluate(t.input(), scope), arguments(t.arguments(), scope), budget));
    };
  }

  private List<Value> all(List<Expr> expressions, Scope scope) {
    List<Value> out = new ArrayList<>(expressions.size());
    for (Expr e : expressions) {
      out.add(evaluate(e, scope));
    }
    return out;
  }

  private Value dictionary(Expr.Dictionary d, Scope scope) {
    SequencedMap<Value, Value> entries = new LinkedHashMap<>();
    for (int i = 0; i < d.keys().size(); i++) {
      Value key = budget.key(evaluate(d.keys().get(i), scope));
      entries.put(key, evaluate(d.values().get(i), scope));
    }
    return budget.mapping(entries);
  }

  private Value concat(Expr.Concat c, Scope scope) {
    StringBuilder out = new StringBuilder();
    for (Expr e : c.parts()) {
      String s = Display.str(evaluate(e, scope), budget);
      budget.make(s.length());
      out.append(s);
    }
    return new Text(out.toString());
  }

  private Value compare(Expr.Compare c, Scope scope) {
    Value left = evaluate(c.first(), scope);
    for (int i = 0; i < c.operators().size(); i++) {
      Value right = evaluate(c.operands().get(i), scope);
      if (!Operators.compare(c.operators().get(i), left, right, budget)) {
        return Bool.FALSE;
      }
      left = right;
    }
    return Bool.TRUE;
  }

  private Value conditional(Expr.Conditional c, Scope scope) {
    if (truth(c.test(), scope)) {
      return evaluate(c.then(), scope);
    }
    return c.otherwise() == null
        ? new Undefined("the condition is false and there is no 'else'")
        : evaluate(c.otherwise(), scope);
  }

  private Value subscript(Expr.Subscript s, Scope scope) {
    Value target = evaluate(s.target(), scope);
    if (s.key() instanceof Expr.Slice slice) {
      return Access.slice(
          target,
          bound(slice.begin(), scope),
          bound(slice.end(), scope),
          bound(slice.step(), scope),
          budget);
    }
    return Access.item(target, evaluate(s.key(), scope), budget);
  }

  private Value bound(@Nullable Expr e, Scope scope) {
    return e == null ? None.NONE : evaluate(e, scope);
  }

  Arguments arguments(Expr.Arguments a, Scope scope) {
    List<Value> positional = all(a.positional(), scope);
    if (a.rest() != null) {
      List<Value> rest = Walk.of(evaluate(a.rest(), scope), budget);
      budget.make(rest.size());
      positional.addAll(rest);
    }
    SequencedMap<String, Value> named = new LinkedHashMap<>();
    for (Expr.Keyword k : a.named()) {
      named.put(k.name(), evaluate(k.value(), scope));
    }
    if (a.namedRest() != null) {
      if (!(evaluate(a.namedRest(), scope) instanceof Mapping m)) {
        throw new TemplateFault("'**' wants a dictionary");
      }
      budget.make(m.entries().size());
      m.entries().forEach((k, v) -> named.put(Display.str(k, budget), v));
    }
    return new Arguments(positional, named);
  }

  Value call(Value function, Arguments arguments) {
    return switch (function) {
      case Callable c -> c.body().call(arguments, budget);
      case Loop l when l.recursion() != null -> l.recursion().call(arguments, budget);
      case Loop l -> throw new TemplateFault("the loop is not recursive");
      case Undefined u -> throw u.fault();
      default -> throw new TemplateFault("'" + function.type() + "' cannot be called");
    };
  }

  private Value filter(Expr.Applied f, Value input, Scope scope) {
    return Filters.apply(f.name(), input, arguments(f.arguments(), scope), budget);
  }

  /// Applies a block's filters to its text, one after the other.
  Value filter(List<Expr.Applied> chain, Value text, Scope scope) {
    Value v = text;
    for (Expr.Applied f : chain) {
      budget.step();
      try {
        v = filter(f, v, scope);
      } catch (TemplateFault fault) {
        throw fault.at(f.at());
      }
    }
    return v;
  }
}
