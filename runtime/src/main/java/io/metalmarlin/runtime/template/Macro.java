package io.metalmarlin.runtime.template;

import io.metalmarlin.runtime.template.syntax.Expr;
import io.metalmarlin.runtime.template.syntax.Stmt;
import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Arguments of a macro become variables of its scope.
final class Macro {
  static final String CALLER = "caller";

  private Macro() {}

  /// @throws TemplateFault for arguments that the macro has no place for
  static void bind(
      String name,
      Stmt.Signature signature,
      Arguments arguments,
      Scope scope,
      Evaluator evaluator,
      Budget budget) {
    List<String> names = signature.names();
    SequencedMap<String, Value> named = new LinkedHashMap<>(arguments.named());
    List<Value> positional = arguments.positional();
    int undefaulted = names.size() - signature.defaults().size();
    for (int i = 0; i < names.size(); i++) {
      String parameter = names.get(i);
      Value v = i < positional.size() ? positional.get(i) : named.remove(parameter);
      if (v == null && i >= undefaulted) {
        Expr otherwise = signature.defaults().get(i - undefaulted);
        v = evaluator.evaluate(otherwise, scope);
      }
      scope.set(
          parameter, v == null ? new Undefined("parameter '" + parameter + "' was not given") : v);
    }
    special(name, signature, named, scope);
    rest(name, signature, positional, named, scope, budget);
  }

  private static void special(
      String name, Stmt.Signature signature, SequencedMap<String, Value> named, Scope scope) {
    if (!signature.specials().contains(CALLER) || signature.names().contains(CALLER)) {
      return;
    }
    Value caller = named.remove(CALLER);
    scope.set(
        CALLER, caller == null ? new Undefined(name + "() was not called by a block") : caller);
  }

  private static void rest(
      String name,
      Stmt.Signature signature,
      List<Value> positional,
      SequencedMap<String, Value> named,
      Scope scope,
      Budget budget) {
    int taken = Math.min(positional.size(), signature.names().size());
    List<Value> more = positional.subList(taken, positional.size());
    if (signature.specials().contains("kwargs")) {
      SequencedMap<Value, Value> entries = new LinkedHashMap<>();
      named.forEach((k, v) -> entries.put(new Text(k), v));
      scope.set("kwargs", budget.mapping(entries));
    } else if (!named.isEmpty()) {
      throw new TemplateFault(
          "macro '%s' has no parameter '%s'".formatted(name, named.firstEntry().getKey()));
    }
    if (signature.specials().contains("varargs")) {
      scope.set("varargs", budget.items(Items.Kind.TUPLE, more));
    } else if (!more.isEmpty()) {
      throw new TemplateFault(
          "macro '%s' takes at most %d arguments, got %d"
              .formatted(name, signature.names().size(), positional.size()));
    }
  }
}
