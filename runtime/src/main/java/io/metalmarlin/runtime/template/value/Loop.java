package io.metalmarlin.runtime.template.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The variable `loop` of a running `for`.
public final class Loop implements Value {
  private final List<Value> items;
  private final int level;
  private final Callable.@Nullable Body recursion;
  private int index;
  private @Nullable Value last;

  /// @param level how many recursive loops are around it
  /// @param recursion what calling the loop does; null unless it is `recursive`
  public Loop(List<Value> items, int level, Callable.@Nullable Body recursion) {
    this.items = items;
    this.level = level;
    this.recursion = recursion;
  }

  /// Moves to an element, counted from 0.
  public void moveTo(int position) {
    index = position;
  }

  public Callable.@Nullable Body recursion() {
    return recursion;
  }

  /// An attribute, null when there is none of that name.
  public @Nullable Value attribute(String name) {
    int n = items.size();
    return switch (name) {
      case "index" -> new Int(index + 1L);
      case "index0" -> new Int(index);
      case "revindex" -> new Int(n - index);
      case "revindex0" -> new Int(n - index - 1L);
      case "first" -> Bool.of(index == 0);
      case "last" -> Bool.of(index == n - 1);
      case "length" -> new Int(n);
      case "depth" -> new Int(level + 1L);
      case "depth0" -> new Int(level);
      case "previtem" -> index == 0 ? new Undefined("there is no previous item") : at(index - 1);
      case "nextitem" -> index == n - 1 ? new Undefined("there is no next item") : at(index + 1);
      case "cycle" -> new Callable("loop.cycle", this::cycle);
      case "changed" -> new Callable("loop.changed", this::changed);
      default -> null;
    };
  }

  private Value at(int i) {
    return items.get(i);
  }

  private Value cycle(Arguments arguments, Budget budget) {
    List<Value> choices = arguments.positional();
    if (choices.isEmpty()) {
      throw new TemplateFault("loop.cycle() needs something to choose from");
    }
    return choices.get(index % choices.size());
  }

  private Value changed(Arguments arguments, Budget budget) {
    Value now = budget.items(Items.Kind.TUPLE, arguments.positional());
    budget.walk(now.weight());
    boolean changed = !now.equals(last);
    last = now;
    return Bool.of(changed);
  }

  @Override
  public boolean truthy() {
    return true;
  }

  @Override
  public String type() {
    return "LoopContext";
  }
}
