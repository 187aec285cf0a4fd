package io.metalmarlin.runtime.template;

import io.metalmarlin.runtime.template.library.Display;
import io.metalmarlin.runtime.template.library.Walk;
import io.metalmarlin.runtime.template.syntax.Expr;
import io.metalmarlin.runtime.template.syntax.Stmt;
import io.metalmarlin.runtime.template.syntax.Target;
import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Callable;
import io.metalmarlin.runtime.template.value.Loop;
import io.metalmarlin.runtime.template.value.Namespace;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Executes statements. One object runs one template once.
final class Interpreter {
  /// How a list of statements ended.
  private enum Flow {
    ON,
    CONTINUE,
    BREAK
  }

  private final Budget budget;
  private final Evaluator evaluator;

  Interpreter(Budget budget) {
    this.budget = budget;
    this.evaluator = new Evaluator(budget);
  }

  void run(List<Stmt> statements, Scope scope, Output out) {
    all(statements, scope, out);
  }

  private Flow all(List<Stmt> statements, Scope scope, Output out) {
    for (Stmt s : statements) {
      budget.enter();
      try {
        Flow flow = one(s, scope, out);
        if (flow != Flow.ON) {
          return flow;
        }
      } catch (TemplateFault f) {
        throw f.at(s.at());
      } finally {
        budget.leave();
      }
    }
    return Flow.ON;
  }

  private Flow one(Stmt statement, Scope scope, Output out) {
    switch (statement) {
      case Stmt.Data d -> out.append(d.text());
      case Stmt.Print p ->
          out.append(Display.str(evaluator.evaluate(p.expression(), scope), budget));
      case Stmt.If i -> {
        return branch(i, scope, out);
      }
      case Stmt.For f ->
          loop(f, Walk.of(evaluator.evaluate(f.items(), scope), budget), 0, scope, out);
      case Stmt.Set s -> assign(s.target(), evaluator.evaluate(s.value(), scope), scope);
      case Stmt.SetBlock s -> {
        Output text = new Output(budget);
        Flow flow = all(s.body(), scope.inner(), text);
        if (flow != Flow.ON) {
          return flow;
        }
        Value filtered = evaluator.filter(s.filters(), new Text(text.text()), scope);
        assign(s.target(), filtered, scope);
      }
      case Stmt.With w -> {
        return with(w, scope, out);
      }
      case Stmt.Macro m -> scope.set(m.name(), macro(m.name(), m.signature(), m.body(), scope));
      case Stmt.CallBlock c -> callBlock(c, scope, out);
      case Stmt.FilterBlock f -> {
        Output text = new Output(budget);
        Flow flow = all(f.body(), scope.inner(), text);
        if (flow != Flow.ON) {
          return flow;
        }
        Value filtered = evaluator.filter(f.filters(), new Text(text.text()), scope);
        out.append(Display.str(filtered, budget));
      }
      case Stmt.Generation g -> all(g.body(), scope.inner(), out);
      case Stmt.Jump j -> {
        return j.out() ? Flow.BREAK : Flow.CONTINUE;
      }
    }
    return Flow.ON;
  }

  private Flow branch(Stmt.If statement, Scope scope, Output out) {
    for (Stmt.Branch b : statement.branches()) {
      if (b.test() == null || evaluator.truth(b.test(), scope)) {
        return all(b.body(), scope, out);
      }
    }
    return Flow.ON;
  }

  private Flow with(Stmt.With w, Scope scope, Output out) {
    Scope inner = scope.inner();
    for (int i = 0; i < w.targets().size(); i++) {
      assign(w.targets().get(i), evaluator.evaluate(w.values().get(i), scope), inner);
    }
    return all(w.body(), inner, out);
  }

  private void loop(Stmt.For f, List<Value> items, int level, Scope scope, Output out) {
    List<Value> kept = f.test() == null ? items : kept(f, f.test(), items, scope);
    Callable.Body recursion = f.recursive() ? (a, b) -> again(f, a, level + 1, scope) : null;
    Loop loop = new Loop(kept, level, recursion);
    // As in Jinja2 the 'else' also runs when no round came to the end of the body.
    boolean completed = false;
    Flow flow = Flow.ON;
    for (int i = 0; i < kept.size() && flow != Flow.BREAK; i++) {
      budget.step();
      loop.moveTo(i);
      Scope body = scope.inner();
      body.set("loop", loop);
      assign(f.target(), kept.get(i), body);
      flow = all(f.body(), body, out);
      completed |= flow == Flow.ON;
    }
    if (!completed) {
      all(f.otherwise(), scope.inner(), out);
    }
  }

  private List<Value> kept(Stmt.For f, Expr test, List<Value> items, Scope scope) {
    List<Value> kept = new ArrayList<>();
    for (Value v : items) {
      Scope one = scope.inner();
      assign(f.target(), v, one);
      if (evaluator.truth(test, one)) {
        kept.add(v);
      }
    }
    return kept;
  }

  private Value again(Stmt.For f, Arguments arguments, int level, Scope scope) {
    Value items = arguments.bind("loop", List.of("iterable")).require(0);
    Output text = new Output(budget);
    loop(f, Walk.of(items, budget), level, scope, text);
    return new Text(text.text());
  }

  private void callBlock(Stmt.CallBlock c, Scope scope, Output out) {
    Value function = evaluator.evaluate(c.call().function(), scope);
    Arguments given = evaluator.arguments(c.call().arguments(), scope);
    SequencedMap<String, Value> named = new LinkedHashMap<>(given.named());
    named.put(Macro.CALLER, macro(Macro.CALLER, c.signature(), c.body(), scope));
    Value result = evaluator.call(function, new Arguments(given.positional(), named));
    out.append(Display.str(result, budget));
  }

  private Value macro(String name, Stmt.Signature signature, List<Stmt> body, Scope scope) {
    return new Callable(
        name,
        (a, b) -> {
          Scope inner = scope.inner();
          Macro.bind(name, signature, a, inner, evaluator, b);
          Output text = new Output(budget);
          all(body, inner, text);
          return new Text(text.text());
        });
  }

  private void assign(Target target, Value value, Scope scope) {
    switch (target) {
      case Target.Variable v -> scope.set(v.name(), value);
      case Target.Field f -> {
        if (!(scope.get(f.namespace()) instanceof Namespace ns)) {
          throw new TemplateFault(
                  "'" + f.namespace() + "' is no namespace, so it cannot be changed")
              .at(f.at());
        }
        ns.set(f.attribute(), value);
      }
      case Target.Several s -> {
        List<Value> values = Walk.of(value, budget);
        if (values.size() != s.targets().size()) {
          throw new TemplateFault(
                  "%d values for %d names".formatted(values.size(), s.targets().size()))
              .at(s.at());
        }
        for (int i = 0; i < values.size(); i++) {
          assign(s.targets().get(i), values.get(i), scope);
        }
      }
    }
  }
}
