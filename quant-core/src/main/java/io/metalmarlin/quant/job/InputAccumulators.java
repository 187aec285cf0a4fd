package io.metalmarlin.quant.job;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.quant.calibrate.CollectedInput;
import io.metalmarlin.quant.calibrate.HessianAccumulator;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sums of some input groups of one place; closed as long as they are not finished.
///
/// An expert has no drift: which tokens reach it differs from stream to stream, and what it would
/// have made of a token that the other stream sent elsewhere was never computed.
final class InputAccumulators implements AutoCloseable {
  private final List<One> all = new ArrayList<>();

  private record One(HessianAccumulator hessian, @Nullable PairSums pairs, boolean ofExpert) {}

  /// @param where what messages call the inputs, one for each group
  /// @param drift whether pairs of inputs will come
  /// @param holdsOut whether some of them are kept back
  InputAccumulators(
      Place place,
      List<String> groups,
      List<String> where,
      boolean drift,
      boolean holdsOut,
      Workers workers) {
    for (int g = 0; g < groups.size(); g++) {
      String group = groups.get(g);
      ModelSpec.Linear reader =
          place.linears().stream()
              .filter(l -> l.inputGroup().equals(group))
              .findFirst()
              .orElseThrow();
      boolean ofExpert = reader.id().expert() != WeightId.SINGLE;
      all.add(
          new One(
              new HessianAccumulator(where.get(g), reader.in(), workers),
              drift && !ofExpert
                  ? new PairSums(where.get(g), reader.in(), holdsOut, workers)
                  : null,
              ofExpert));
    }
  }

  void add(int group, Backend backend, Tensor input) {
    all.get(group).hessian.add(backend.host(input), input.rows(), input.cols());
  }

  /// Whether a group wants its input from both streams.
  boolean pairs(int group) {
    return all.get(group).pairs != null;
  }

  /// @param keep whether these tokens are to be kept back
  void addPair(int group, Backend backend, Tensor full, Tensor moved, boolean keep) {
    PairSums pairs = all.get(group).pairs;
    if (pairs != null) {
      pairs.add(backend, full, moved, keep);
    }
  }

  List<CollectedInput> finish() {
    List<CollectedInput> collected = new ArrayList<>();
    for (One one : all) {
      // It may be that no token is sent to an expert.
      InputStatistics statistics =
          one.ofExpert ? one.hessian.finishEvenIfEmpty() : one.hessian.finish();
      collected.add(
          one.pairs == null
              ? CollectedInput.of(statistics, 1)
              : new CollectedInput(statistics, one.pairs.finish(), one.pairs.finishKept(), 1));
    }
    return collected;
  }

  @Override
  public void close() {
    for (One one : all) {
      one.hessian.close();
      if (one.pairs != null) {
        one.pairs.close();
      }
    }
  }
}
