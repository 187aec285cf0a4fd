package io.metalmarlin.quant.job;

import io.metalmarlin.quant.calibrate.DriftAccumulator;
import io.metalmarlin.quant.calibrate.HeldOut;
import io.metalmarlin.quant.calibrate.HessianAccumulator;
import io.metalmarlin.quant.calibrate.InputDrift;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the same tokens are on both streams at one input, those that are kept back apart.
final class PairSums implements AutoCloseable {
  private final DriftAccumulator drift;
  private final Optional<Kept> kept;
  private boolean anyKept;

  private record Kept(HessianAccumulator hessian, DriftAccumulator drift) {}

  /// @param holdsOut whether some tokens are kept back; else all count alike
  PairSums(String where, int cols, boolean holdsOut, Workers workers) {
    this.drift = new DriftAccumulator(where, cols, workers);
    this.kept =
        holdsOut
            ? Optional.of(
                new Kept(
                    new HessianAccumulator(where, cols, workers),
                    new DriftAccumulator(where, cols, workers)))
            : Optional.empty();
  }

  /// @param keep whether these tokens are kept back
  void add(Backend backend, Tensor full, Tensor moved, boolean keep) {
    Kept apart = keep ? kept.orElse(null) : null;
    DriftAccumulator sums = apart == null ? drift : apart.drift;
    sums.add(backend.host(full), backend.host(moved), moved.rows());
    if (apart != null) {
      apart.hessian.add(backend.host(moved), moved.rows(), moved.cols());
      anyKept = true;
    }
  }

  InputDrift finish() {
    return drift.finish();
  }

  /// Null where no token was kept back.
  @Nullable HeldOut finishKept() {
    return anyKept
        ? kept.map(k -> new HeldOut(k.hessian.finish(), k.drift.finish())).orElse(null)
        : null;
  }

  /// Frees what was not finished.
  @Override
  public void close() {
    drift.close();
    kept.ifPresent(k -> {
      k.hessian.close();
      k.drift.close();
    });
  }
}
