package io.metalmarlin.quant.sensitivity;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.Weights;
import java.util.Map;

/// The weights of a model with some matrices replaced for a while.
final class Replaced implements Weights {
  private final Weights source;
  private Map<WeightId, StoredMatrix> others = Map.of();

  Replaced(Weights source) {
    this.source = source;
  }

  void with(Map<WeightId, StoredMatrix> matrices) {
    others = matrices;
  }

  @Override
  public StoredMatrix matrix(Linear linear) {
    StoredMatrix other = others.get(linear.id());
    return other == null ? source.matrix(linear) : other;
  }

  @Override
  public float[] values(Parameter parameter) {
    return source.values(parameter);
  }
}
