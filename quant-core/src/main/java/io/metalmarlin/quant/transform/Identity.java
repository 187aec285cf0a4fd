package io.metalmarlin.quant.transform;

import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// No change of basis, for targets that cannot run one.
public record Identity() implements Transform {
  @Override
  public String name() {
    return "none";
  }

  @Override
  public Optional<InputTransform> online() {
    return Optional.empty();
  }

  @Override
  public boolean fits(int cols) {
    return true;
  }

  @Override
  public void applyToRows(MemorySegment weights, int rows, int cols) {}

  @Override
  public InputStatistics applyTo(InputStatistics statistics, Workers workers) {
    return statistics;
  }
}
