package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.model.CacheScales;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.Optional;

/// The calibrated scales of a key-value cache, and what becomes of them: the same number under the
/// target's name where the source says that the cache is FP8 and the target has a place for that,
/// else nothing.
final class CacheCarry {
  private final ConvertSource source;
  private final Optional<CacheScales> there;
  private final DType model;

  /// @param model the type of the output's dense tensors
  CacheCarry(ConvertSource source, Dialect target, DType model) {
    this.source = source;
    this.model = model;
    this.there = said(source, target) ? target.cacheScales() : Optional.empty();
  }

  /// Whether the output's configuration says that the cache is FP8.
  static boolean said(ConvertSource source, Dialect target) {
    return source.gguf().isEmpty()
        && target.cacheScales().isPresent()
        && CacheScales.fp8(source.config());
  }

  /// Whether a tensor of the source is such a scale; nothing is in a model that is not quantized.
  boolean owns(String tensor) {
    return !source.modules().isEmpty() && CacheScales.scale(tensor).isPresent();
  }

  /// The step that carries it over; empty where it is dropped.
  Optional<ConvertStep.Number> step(TensorInfo t) {
    boolean single = t.shape().stream().allMatch(n -> n == 1) && DenseValues.floats(t.dtype());
    if (there.isEmpty() || !single) {
      return Optional.empty();
    }
    float[] value = new float[1];
    DenseValues.read(t.dtype(), source.checkpoint().bytes(t.name()), 0, value, 1);
    TensorInfo to = there.get().tensor(CacheScales.scale(t.name()).orElseThrow(), model);
    // Loaders widen to F32, so a number that the model's type lacks is stored in F32.
    DType type = DenseValues.holds(to.dtype(), value[0]) ? to.dtype() : DType.F32;
    return Optional.of(
        new ConvertStep.Number(t, new TensorInfo(to.name(), type, to.shape()), value[0]));
  }
}
