package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;

/// What happens to one module or tensor of the source.
public sealed interface ConvertStep {
  /// The module's or tensor's name.
  String name();

  /// How it is stored in the source, for people.
  String from();

  /// How it is stored in the output, for people.
  String to();

  /// The tensors of the output that come from it.
  List<TensorInfo> outputs();

  /// Numbers that it holds.
  long elements();

  /// Bytes that are read.
  long sourceBytes();

  /// Bytes of the output.
  default long outputBytes() {
    return outputs().stream().mapToLong(TensorInfo::byteSize).sum();
  }

  /// A dense tensor is copied as it is.
  record Keep(TensorInfo tensor) implements ConvertStep {
    @Override
    public String name() {
      return tensor.name();
    }

    @Override
    public String from() {
      return tensor.dtype().name();
    }

    @Override
    public String to() {
      return tensor.dtype().name();
    }

    @Override
    public List<TensorInfo> outputs() {
      return List.of(tensor);
    }

    @Override
    public long elements() {
      return tensor.elements();
    }

    @Override
    public long sourceBytes() {
      return tensor.byteSize();
    }
  }

  /// A dense tensor changes its floating-point type.
  record Cast(TensorInfo tensor, DType type) implements ConvertStep {
    @Override
    public String name() {
      return tensor.name();
    }

    @Override
    public String from() {
      return tensor.dtype().name();
    }

    @Override
    public String to() {
      return type.name();
    }

    @Override
    public List<TensorInfo> outputs() {
      return List.of(new TensorInfo(tensor.name(), type, tensor.shape()));
    }

    @Override
    public long elements() {
      return tensor.elements();
    }

    @Override
    public long sourceBytes() {
      return tensor.byteSize();
    }
  }

  /// A few bytes made in the plan: a calibrated scale under another dialect's name.
  ///
  /// @param from the tensor of the source
  /// @param value what is stored, a number that the target's type has
  record Number(TensorInfo source, TensorInfo target, float value) implements ConvertStep {
    @Override
    public String name() {
      return source.name();
    }

    @Override
    public String from() {
      return source.name();
    }

    @Override
    public String to() {
      return target.name();
    }

    @Override
    public List<TensorInfo> outputs() {
      return List.of(target);
    }

    @Override
    public long elements() {
      return 1;
    }

    @Override
    public long sourceBytes() {
      return source.byteSize();
    }
  }

  /// A packed module goes to another layout, every weight staying the number it is.
  ///
  /// @param bytes of the source's planes
  record Repack(PackedModule module, Packing target, long bytes) implements ConvertStep {
    @Override
    public String name() {
      return module.stem();
    }

    @Override
    public String from() {
      return module.packing().name();
    }

    @Override
    public String to() {
      return target.name();
    }

    @Override
    public List<TensorInfo> outputs() {
      return planes(name(), target, module.rows(), module.cols());
    }

    @Override
    public long elements() {
      return (long) module.rows() * module.cols();
    }

    @Override
    public long sourceBytes() {
      return bytes;
    }
  }

  /// Weights are rounded to another grid.
  ///
  /// @param fuse the set of modules that a runtime joins and that must share a tensor scale
  record Requantize(WeightSource source, Packing target, String fuse) implements ConvertStep {
    @Override
    public String name() {
      return source.stem();
    }

    @Override
    public String from() {
      return source.layout();
    }

    @Override
    public String to() {
      return target.name();
    }

    @Override
    public List<TensorInfo> outputs() {
      return planes(name(), target, source.rows(), source.cols());
    }

    @Override
    public long elements() {
      return (long) source.rows() * source.cols();
    }

    @Override
    public long sourceBytes() {
      return source.bytes();
    }
  }

  /// A packed module becomes a dense `weight`.
  record Dequantize(WeightSource source, DType type) implements ConvertStep {
    @Override
    public String name() {
      return source.stem();
    }

    @Override
    public String from() {
      return source.layout();
    }

    @Override
    public String to() {
      return type.name();
    }

    @Override
    public List<TensorInfo> outputs() {
      return List.of(TensorInfo.of(name() + ".weight", type, source.rows(), source.cols()));
    }

    @Override
    public long elements() {
      return (long) source.rows() * source.cols();
    }

    @Override
    public long sourceBytes() {
      return source.bytes();
    }
  }

  private static List<TensorInfo> planes(String stem, Packing packing, int rows, int cols) {
    return packing.planes(rows, cols).stream().map(p -> p.tensor(stem)).toList();
  }

  /// The step for a packed module that becomes a dense matrix.
  static Dequantize dequantize(PackedModule module, Checkpoint checkpoint, DType type) {
    return new Dequantize(WeightSource.of(module, checkpoint), type);
  }
}
