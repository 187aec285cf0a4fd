package io.metalmarlin.quant.transform;

import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A change of basis of a linear's input that leaves its output unchanged: the weight is stored as
/// `W T`, the runner feeds `x T`, and `(x T)(W T)' = x W'` because T is orthogonal.
public interface Transform {
  /// What recipes call it: `none`, `had16`, `had32`.
  String name();

  /// What a runner has to do before the product; empty when nothing.
  Optional<InputTransform> online();

  /// Whether an input of this width can be transformed.
  boolean fits(int cols);

  /// `W := W T` in place.
  ///
  /// @param rows number of rows in the tile
  /// @param cols width, also the distance between rows in elements
  /// @param weights fp32, row-major, native or heap memory
  void applyToRows(MemorySegment weights, int rows, int cols);

  /// Statistics of `x T`: `T' H T`, same tokens. The result owns new memory and the argument stays
  /// valid, except for the identity, which returns its argument. [InputStatistics#absMax] is NaN
  /// after a rotation, because it cannot be known without the tokens.
  InputStatistics applyTo(InputStatistics statistics, Workers workers);
}
