package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.blocks.GroupedBlocks;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.cpu.kernel.MatrixKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Products with inputs of 8 bits against a double-precision sum over inputs rounded here, at row
/// counts that leave panels unfilled.
class PanelKernelTest {
  private static final int[] COLS = {32, 64, 96, 256, 1024};
  private static final int[] ROWS = {1, 5, 16, 33};

  static Stream<StoredMatrix> matrices() {
    return Arrays.stream(ROWS)
        .boxed()
        .flatMap(r -> Arrays.stream(COLS).boxed().flatMap(c -> of(r, c)));
  }

  private static Stream<StoredMatrix> of(int rows, int cols) {
    QuantizedMatrix grid = PackedMatrices.matrix(Nvfp4Scheme.SINGLE_LEVEL, rows, cols, null);
    return Stream.concat(
        Stream.of(BlockMatrices.matrix(DType.Q4_0, rows, cols)),
        Stream.of(
                grid,
                grid.withTensorScale(
                    new Nvfp4Grid(), new TensorScale(TensorScale.Kind.DIVISOR, 3f)),
                grid.withTensorScale(
                    new Nvfp4Grid(), new TensorScale(TensorScale.Kind.MULTIPLIER, .3f)))
            .map(m -> new StoredMatrix.Packed(m, Optional.empty())));
  }

  @ParameterizedTest
  @MethodSource("matrices")
  void products_are_those_of_rounded_inputs(StoredMatrix m) {
    MemorySegment x = Memory.random(m.cols() + 3, 3);
    assertThat(product(m, x, 0, m.rows())).containsExactly(expected(m, x), Offset.offset(2e-4f));
  }

  @ParameterizedTest
  @MethodSource("matrices")
  void a_row_does_not_depend_on_the_range_it_is_computed_in(StoredMatrix m) {
    MemorySegment x = Memory.random(m.cols() + 3, 3);
    float[] whole = product(m, x, 0, m.rows());
    for (int r = 0; r < m.rows(); r++) {
      assertThat(product(m, x, r, r + 1)[r]).isEqualTo(whole[r]);
    }
  }

  @Test
  void blocks_of_nvfp4_are_read_as_their_grid() {
    QuantizedMatrix grid = PackedMatrices.matrix(Nvfp4Scheme.SINGLE_LEVEL, 7, 128, null);
    BlockMatrix blocks = GroupedBlocks.blocks(grid, DType.NVFP4);
    MemorySegment x = Memory.random(131, 3);
    List<float[]> both =
        Stream.of(grid, blocks)
            .map(m -> product(new StoredMatrix.Packed(m, Optional.empty()), x, 0, 7))
            .toList();
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  @Test
  void an_input_of_zeros_gives_zeros_and_one_that_is_no_number_gives_none() {
    StoredMatrix m = BlockMatrices.matrix(DType.Q4_0, 3, 64);
    MemorySegment x = Memory.floats(67);
    assertThat(product(m, x, 0, 3)).containsOnly(0f);
    x.setAtIndex(JAVA_FLOAT, 40, Float.NaN);
    for (float y : product(m, x, 0, 3)) {
      assertThat(y).isNaN();
    }
  }

  /// Inputs from the fourth value of `x` on.
  private static float[] product(StoredMatrix m, MemorySegment x, int from, int to) {
    MatrixKernel k = CpuKernels.INT8.weightsFor(m).open(m);
    MemorySegment prepared = Memory.floats(m.cols());
    MemorySegment out = Memory.floats(m.rows());
    k.prepare(m, x, 12, prepared);
    k.multiply(m, from, to, prepared, out, 0);
    return Memory.array(out, m.rows());
  }

  private static float[] expected(StoredMatrix m, MemorySegment x) {
    double[] rounded = new double[m.cols()];
    float[] inputs = Memory.array(x, m.cols() + 3);
    for (int b = 0; b < m.cols(); b += 32) {
      float largest = 0;
      for (int c = b; c < b + 32; c++) {
        largest = Math.max(largest, Math.abs(inputs[c + 3]));
      }
      for (int c = b; c < b + 32; c++) {
        rounded[c] = Math.rint(inputs[c + 3] * (127 / largest)) * (largest / 127);
      }
    }
    float[] weights = new float[m.rows() * m.cols()];
    ((StoredMatrix.Packed) m).matrix().decode(0, m.rows(), weights);
    float[] sums = new float[m.rows()];
    for (int r = 0; r < sums.length; r++) {
      double sum = 0;
      for (int c = 0; c < rounded.length; c++) {
        sum += weights[r * rounded.length + c] * rounded[c];
      }
      sums[r] = (float) sum;
    }
    return sums;
  }
}
