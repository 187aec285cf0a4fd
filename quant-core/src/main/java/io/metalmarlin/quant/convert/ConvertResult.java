package io.metalmarlin.quant.convert;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// A published conversion.
///
/// @param tensors one report per step, in running order
/// @param resumedBatches batches taken over from an earlier, interrupted run
/// @param seconds wall time of this run
public record ConvertResult(
    Path output, List<TensorReport> tensors, int resumedBatches, long outputBytes, double seconds) {
  public ConvertResult {
    tensors = List.copyOf(tensors);
  }

  /// Modules and tensors whose numbers changed, the largest relative error first.
  public List<TensorReport> lossy() {
    return tensors.stream()
        .filter(t -> !t.lossless())
        .sorted(Comparator.comparingDouble(TensorReport::relativeError).reversed())
        .toList();
  }

  /// The most that a lossless weight differs in its last bits because a tensor scale became its
  /// reciprocal; 0 if no weight does.
  public int ulps() {
    return tensors.stream().mapToInt(TensorReport::ulps).max().orElse(0);
  }
}
