package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// 2:4 sparse matrices with random codes and patterns, in widths that hit every tail.
final class SparseMatrices {
  private static final List<IntScheme> INTEGERS =
      List.of(
          new IntScheme(4, 32, ScaleType.F16, Zero.NONE),
          new IntScheme(4, 64, ScaleType.BF16, Zero.NONE),
          new IntScheme(4, 128, ScaleType.F32, Zero.NONE),
          new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, Zero.NONE));

  private SparseMatrices() {}

  /// @param widths those that are no whole number of quads are made wider by up to three columns
  static Stream<StoredMatrix> all(int rows, int[] widths) {
    return Arrays.stream(widths)
        .map(w -> Math.ceilDiv(w, 4) * 4)
        .distinct()
        .boxed()
        .flatMap(cols ->
            Stream.concat(
                Stream.of(nvfp4(cols)),
                INTEGERS.stream().map(s -> PackedMatrices.matrix(s, rows, cols / 2, null))))
        .map(values -> new StoredMatrix.Packed(sparse(values), Optional.empty()));
  }

  private static QuantizedMatrix nvfp4(int cols) {
    TensorScale scale = new TensorScale(TensorScale.Kind.DIVISOR, 812f);
    return (QuantizedMatrix)
        ((StoredMatrix.Packed) WeightKernelTest.nvfp4(cols / 2, scale)).matrix();
  }

  private static Sparse24Matrix sparse(QuantizedMatrix values) {
    int quads = values.cols() / 2;
    int stride = Sparse24Matrix.stride(4 * quads);
    MemorySegment patterns = Arena.ofAuto().allocate((long) values.rows() * stride);
    SplittableRandom random = new SplittableRandom(quads);
    for (int r = 0; r < values.rows(); r++) {
      for (int q = 0; q < quads; q++) {
        int pattern = random.nextInt(6);
        for (int bit = 0; bit < 3; bit++) {
          long at = (long) r * stride + (3 * q + bit) / 8;
          int set = (pattern >> bit & 1) << (3 * q + bit) % 8;
          patterns.set(JAVA_BYTE, at, (byte) (patterns.get(JAVA_BYTE, at) | set));
        }
      }
    }
    return new Sparse24Matrix(values, patterns);
  }
}
