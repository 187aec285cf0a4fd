package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;

/// One tensor of a GGUF file that is to be written.
///
/// @param name in the file
/// @param shape outermost dimension first
/// @param sources Hugging Face tensors; those of stacked experts in order, each a slice of the
///   outermost dimension
/// @param move what happens to the rows of each source
/// @param plusOne whether one is added to every value
/// @param f32 whether llama.cpp wants FP32 whatever the rest of the model has
/// @param constant values that come from the configuration instead of a source
public record GgufTarget(
    String name,
    List<Long> shape,
    List<String> sources,
    RowMove move,
    boolean plusOne,
    boolean f32,
    Optional<float[]> constant) {
  public GgufTarget {
    shape = List.copyOf(shape);
    sources = List.copyOf(sources);
  }

  /// The tensor in a given type.
  public TensorInfo info(DType type) {
    return new TensorInfo(name, type, shape);
  }

  /// The name of the tensor scale that belongs to an NVFP4 tensor of this name: F32, one value per
  /// source.
  public String scaleName() {
    return name.substring(0, name.length() - ".weight".length()) + ".scale";
  }

  /// FP32 values of one source as they belong into the file.
  ///
  /// @param rows rows of the source; 1 for a vector
  public float[] values(float[] source, int rows) {
    long elements = shape.stream().reduce(1L, Math::multiplyExact) / sources.size();
    boolean vector = shape.size() == 1;
    // The rows of a vector's elements move as those of a matrix do.
    int sourceRows = vector ? source.length : rows;
    long width = move.wholeRows() ? source.length / sourceRows : shape.getLast();
    float[] out = move.values(source, sourceRows, Math.toIntExact(elements / width));
    if (plusOne) {
      for (int i = 0; i < out.length; i++) {
        out[i] += 1;
      }
    }
    return out;
  }
}
