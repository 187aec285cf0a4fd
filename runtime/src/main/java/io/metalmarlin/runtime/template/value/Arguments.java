package io.metalmarlin.runtime.template.value;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The arguments of one call.
public record Arguments(List<Value> positional, SequencedMap<String, Value> named) {
  public Arguments {
    positional = List.copyOf(positional);
    named = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(named));
  }

  /// The arguments in the order of the parameters.
  ///
  /// @param function for messages
  /// @throws TemplateFault for too many, unknown or doubled arguments
  public Bound bind(String function, List<String> parameters) {
    if (positional.size() > parameters.size()) {
      throw new TemplateFault(
          "%s() takes at most %d arguments, got %d"
              .formatted(function, parameters.size(), positional.size()));
    }
    @Nullable Value[] values = new @Nullable Value[parameters.size()];
    for (int i = 0; i < positional.size(); i++) {
      values[i] = positional.get(i);
    }
    named.forEach((name, value) -> {
      int i = parameters.indexOf(name);
      if (i < 0) {
        throw new TemplateFault("%s() has no argument '%s'".formatted(function, name));
      }
      if (values[i] != null) {
        throw new TemplateFault("%s() got '%s' twice".formatted(function, name));
      }
      values[i] = value;
    });
    return new Bound(function, parameters, values);
  }

  /// The same without the first `n` positional ones.
  public Arguments skip(int n) {
    return new Arguments(positional.subList(n, positional.size()), named);
  }
}
