package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.Optional;

/// What happens to one piece of the source.
public sealed interface Step {
  /// Bytes in the source.
  long sourceBytes();

  /// Bytes in the output.
  long outputBytes();

  /// What a table calls it: the tensor or module name.
  String name();

  /// A tensor is copied as it is.
  ///
  /// @param reason why it is not quantized, for people
  record Keep(TensorInfo tensor, String reason) implements Step {
    @Override
    public long sourceBytes() {
      return tensor.byteSize();
    }

    @Override
    public long outputBytes() {
      return tensor.byteSize();
    }

    @Override
    public String name() {
      return tensor.name();
    }
  }

  /// A linear layer's weight is replaced by packed planes.
  ///
  /// @param source the dense weight tensor
  record Quantize(
      ModelSpec.Linear linear,
      String name,
      TensorInfo source,
      GroupPacking packing,
      Optional<InputTransform> transform)
      implements Step {
    @Override
    public long sourceBytes() {
      return source.byteSize();
    }

    @Override
    public long outputBytes() {
      return packing.planes(linear.out(), linear.in()).stream()
          .mapToLong(p -> p.tensor(name).byteSize())
          .sum();
    }

    /// All bits of the packed weight, scales included, per weight.
    public double bitsPerWeight() {
      return packing.scheme().bitsPerWeight(linear.out(), linear.in());
    }
  }
}
