package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.AbsmaxQuantizer;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The solvers on the product's own NVFP4.
class Nvfp4SolveTest {
  private static final int ROWS = 45;
  private static final int COLS = 208;

  static List<GroupPacking> packings() {
    return Packings.ALL.stream()
        .filter(GroupPacking.class::isInstance)
        .map(GroupPacking.class::cast)
        .filter(p -> p.scheme().name().equals("nvfp4"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("packings")
  void itsGridHasAVectorKernel(GroupPacking packing) {
    assertThat(GridKernels.of(packing.scheme())).isInstanceOf(E2m1Grid.class);
  }

  @ParameterizedTest
  @MethodSource("packings")
  void absmaxRoundingEqualsTheScalarQuantizerOfTheLayout(GroupPacking packing) {
    float[] w = weights();
    SolveOptions options =
        new SolveOptions(ScaleRule.ABSMAX, 0, ColumnOrder.NATURAL, packing.profile(), DType.BF16);
    TensorScale tensorScale = TensorScales.of(packing.scheme(), 1.75f, options);
    QuantizedMatrix expected =
        AbsmaxQuantizer.quantize(packing, w, ROWS, COLS, tensorScale, DType.BF16);
    QuantizedMatrix out = solve(packing, w, options, tensorScale, GridKernels.of(packing.scheme()));
    assertThat(out.scales().toArray(JAVA_BYTE)).isEqualTo(expected.scales().toArray(JAVA_BYTE));
    assertThat(out.codes().toArray(JAVA_BYTE)).isEqualTo(expected.codes().toArray(JAVA_BYTE));
  }

  @ParameterizedTest
  @MethodSource("packings")
  void searchedRoundingIsTheSameInScalarAndVectorForm(GroupPacking packing) {
    float[] w = weights();
    SolveOptions options =
        new SolveOptions(ScaleRule.MSE, 0, ColumnOrder.NATURAL, packing.profile(), DType.BF16);
    TensorScale tensorScale = TensorScales.of(packing.scheme(), 1.75f, options);
    QuantizedMatrix vector =
        solve(packing, w, options, tensorScale, GridKernels.of(packing.scheme()));
    QuantizedMatrix scalar =
        solve(packing, w, options, tensorScale, new ScalarGrid(packing.scheme()));
    assertThat(vector.scales().toArray(JAVA_BYTE)).isEqualTo(scalar.scales().toArray(JAVA_BYTE));
    assertThat(vector.codes().toArray(JAVA_BYTE)).isEqualTo(scalar.codes().toArray(JAVA_BYTE));
  }

  private static QuantizedMatrix solve(
      GroupPacking packing,
      float[] w,
      SolveOptions options,
      TensorScale tensorScale,
      GridKernel kernel) {
    QuantizedMatrix out =
        new QuantizedMatrix(
            packing.scheme(),
            ROWS,
            COLS,
            MemorySegment.ofArray(new byte[ROWS * COLS / 2]),
            MemorySegment.ofArray(new byte[ROWS * COLS / 16]),
            tensorScale);
    new Rounding(packing.scheme(), COLS, null, options, kernel)
        .solve(new RowTile(MemorySegment.ofArray(w), out), tensorScale);
    return out;
  }

  /// bf16 weights with a group of zeros, a group of tiny numbers and a zero of either sign.
  private static float[] weights() {
    SplittableRandom random = new SplittableRandom(4);
    float[] w = new float[ROWS * COLS];
    for (int i = 0; i < w.length; i++) {
      float x = (float) (.1 * random.nextGaussian());
      w[i] = Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0xffff_0000);
    }
    w[5] = 0;
    w[6] = -0f;
    w[100] = 1.75f;
    for (int i = 32; i < 48; i++) {
      w[i] = 0;
      w[COLS + i] = 1e-7f * (i - 40);
    }
    return w;
  }
}
