package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.List;

/// The linears of a block of a family that is not known: enough to round and convert them, nothing
/// that could be run.
public record Unknown(List<Linear> all) implements Mixer {
  public Unknown {
    all = List.copyOf(all);
  }

  @Override
  public List<List<Linear>> stages() {
    return all.isEmpty() ? List.of() : List.of(all);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of();
  }
}
