package io.metalmarlin.formats.tensor;

import java.util.List;

/// Name, element type and shape of one tensor; no bytes. The shape is row-major, outermost
/// dimension first (`[out, in]` for a matrix); a scalar has the empty shape.
public record TensorInfo(String name, DType dtype, List<Long> shape) {
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  public static TensorInfo of(String name, DType dtype, long... shape) {
    return new TensorInfo(name, dtype, java.util.Arrays.stream(shape).boxed().toList());
  }

  /// Product of the dimensions.
  ///
  /// @throws ArithmeticException if the product exceeds a long
  public long elements() {
    long n = 1;
    for (long d : shape) {
      n = Math.multiplyExact(n, d);
    }
    return n;
  }

  /// Size of the data in bytes.
  ///
  /// @throws ArithmeticException if the size exceeds a long or is not a whole number of blocks
  public long byteSize() {
    long elements = elements();
    if (elements % dtype.blockElements() != 0) {
      throw new ArithmeticException(
          name + ": " + elements + " elements are not whole blocks of " + dtype);
    }
    return Math.multiplyExact(elements / dtype.blockElements(), (long) dtype.blockBytes());
  }
}
