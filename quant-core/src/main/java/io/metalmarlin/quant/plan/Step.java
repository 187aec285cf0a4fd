package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.ActivationScale;
import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.formats.model.StoredAs;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
  /// @param source the tensor that holds the dense weight
  /// @param stored under which scheme, in groups of codes, 2:4 sparse over such, a trellis, or
  ///   blocks of ggml
  /// @param inputScale where the calibrated scale of the input goes, if the scheme has one
  record Quantize(
      ModelSpec.Linear linear,
      String name,
      TensorInfo source,
      StoredAs stored,
      Optional<ActivationScale> inputScale)
      implements Step {
    /// What happens to the input before the product.
    public Optional<InputTransform> transform() {
      return stored.transform();
    }

    /// The same with another transform of the input.
    public Quantize behind(Optional<InputTransform> transform) {
      return new Quantize(linear, name, source, stored.behind(transform), inputScale);
    }

    /// The byte layout.
    public Packing packing() {
      return stored.packing();
    }

    /// What reports call the scheme; blocks of ggml name their own type, which where a width does
    /// not fit is another than the one asked for.
    public String scheme() {
      return packing() instanceof BlockPacking b ? b.type().name() : stored.schemeName();
    }

    @Override
    public long sourceBytes() {
      return (long) linear.out() * linear.in() * source.dtype().bits() / 8;
    }

    @Override
    public long outputBytes() {
      return tensors().stream().mapToLong(TensorInfo::byteSize).sum();
    }

    /// The tensors that replace the weight: the planes of the packing, then the input's scale.
    public List<TensorInfo> tensors() {
      Stream<Plane> planes =
          Stream.concat(
              packing().planes(linear.out(), linear.in()).stream(),
              inputScale.stream().map(ActivationScale::plane));
      return planes.map(p -> p.tensor(name)).toList();
    }

    /// Whether two of four columns are pruned.
    public boolean sparse() {
      return packing() instanceof Sparse24Packing;
    }

    /// Whether the weight goes into blocks of ggml, which have neither a grid nor a profile.
    public boolean blocks() {
      return packing() instanceof BlockPacking;
    }

    /// The grid on which codes are chosen: for sparse weights that of the kept columns, for a
    /// trellis that of its symbols.
    public GroupScheme grid() {
      return switch (packing()) {
        case Sparse24Packing p -> p.values();
        case TrellisPacking p -> p.scheme().symbols();
        default -> ((GroupPacking) packing()).scheme();
      };
    }

    /// The rounding habits of the layout.
    public Profile profile() {
      return switch (packing()) {
        case Sparse24Packing p -> p.profile();
        case TrellisPacking p -> p.profile();
        default -> ((GroupPacking) packing()).profile();
      };
    }

    /// All bits of the packed weight, scales included, per weight.
    public double bitsPerWeight() {
      return packing().scheme().bitsPerWeight(linear.out(), linear.in());
    }
  }
}
