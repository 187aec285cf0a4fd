package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.AbsmaxQuantizer;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.blocks.GroupedBlockPacking;
import io.metalmarlin.formats.scheme.gptq.AwqGemvPacking;
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rounding in every layout that a solver can fill row by row.
class PackingSolveTest {
  private static final int ROWS = 21;
  private static final int COLS = 256;

  static List<GroupPacking> packings() {
    return Packings.ALL.stream()
        .filter(GroupPacking.class::isInstance)
        .map(GroupPacking.class::cast)
        .filter(p -> p.scheme().groupRows() == 1)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("packings")
  void absmaxRoundingEqualsTheScalarQuantizerOfTheLayout(GroupPacking packing) {
    float[] w = weights();
    SolveOptions options = options(packing, ScaleRule.ABSMAX);
    TensorScale tensorScale = TensorScales.of(packing.scheme(), 2f, options);
    QuantizedMatrix expected =
        AbsmaxQuantizer.quantize(packing, w, ROWS, COLS, tensorScale, DType.BF16);
    QuantizedMatrix out = empty(packing, tensorScale);
    solve(packing, w, options, out);
    assertThat(bytes(out.scales())).isEqualTo(bytes(expected.scales()));
    assertThat(bytes(out.codes())).isEqualTo(bytes(expected.codes()));
    assertThat(bytes(out.zeros())).isEqualTo(bytes(expected.zeros()));
  }

  @ParameterizedTest
  @MethodSource("packings")
  void searchedScalesNeverLoseToAbsmax(GroupPacking packing) {
    float[] w = weights();
    double plain = error(packing, w, ScaleRule.ABSMAX);
    double searched = error(packing, w, ScaleRule.MSE);
    assertThat(searched).as(packing.name()).isLessThanOrEqualTo(plain * (1 + 1e-5));
  }

  /// The lopsided grid is turned in the layouts whose loaders multiply by the scale as it stands,
  /// and only there.
  @ParameterizedTest
  @MethodSource("symmetric")
  void searchedScalesHaveTheSignsThatTheLayoutAllows(GroupPacking packing) {
    SolveOptions options = options(packing, ScaleRule.MSE);
    QuantizedMatrix out = empty(packing, TensorScale.NONE);
    solve(packing, weights(), options, out);
    int negative = 0;
    for (int row = 0; row < ROWS; row++) {
      for (int g = 0; g < out.groups(); g++) {
        negative += packing.scheme().scaleValue(out.scaleCode(row, g)) < 0 ? 1 : 0;
      }
    }
    assertThat(negative > 0).isEqualTo(TURNED.contains(packing.getClass()));
  }

  private static final Set<Class<?>> TURNED =
      Set.of(
          PackQuantized.class,
          GptqPacking.class,
          AwqPacking.class,
          AwqGemvPacking.class,
          GroupedBlockPacking.class);

  static List<GroupPacking> symmetric() {
    return packings().stream()
        .filter(p -> p.scheme() instanceof IntScheme && p.scheme().zero() == Zero.NONE)
        .toList();
  }

  private static double error(GroupPacking packing, float[] w, ScaleRule rule) {
    SolveOptions options = options(packing, rule);
    QuantizedMatrix out = empty(packing, TensorScales.of(packing.scheme(), 2f, options));
    TileError error = solve(packing, w, options, out);
    float[] decoded = new float[ROWS * COLS];
    out.decode(0, ROWS, decoded);
    double sum = 0;
    for (int i = 0; i < decoded.length; i++) {
      sum += Math.pow(decoded[i] - w[i], 2);
    }
    assertThat(error.squared()).isCloseTo(sum, org.assertj.core.data.Percentage.withPercentage(.1));
    return sum;
  }

  private static SolveOptions options(GroupPacking packing, ScaleRule rule) {
    return new SolveOptions(rule, 0, ColumnOrder.NATURAL, packing.profile(), DType.BF16);
  }

  private static TileError solve(
      GroupPacking packing, float[] w, SolveOptions options, QuantizedMatrix out) {
    try (Workers workers = new Workers(1);
        Solver.Prepared prepared =
            new Rtn().prepare(packing.scheme(), COLS, null, options, workers)) {
      RowTile tile = new RowTile(MemorySegment.ofArray(w.clone()), out);
      return prepared.solve(tile, out.tensorScale());
    }
  }

  private static QuantizedMatrix empty(GroupPacking packing, TensorScale tensorScale) {
    var scheme = packing.scheme();
    return new QuantizedMatrix(
        scheme,
        ROWS,
        COLS,
        heap(QuantizedMatrix.codeBytes(scheme, ROWS, COLS)),
        heap(QuantizedMatrix.scaleBytes(scheme, ROWS, COLS)),
        tensorScale,
        scheme.zero() == Zero.NONE ? null : heap(QuantizedMatrix.zeroBytes(scheme, ROWS, COLS)),
        null);
  }

  private static MemorySegment heap(long bytes) {
    return MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment == null ? new byte[0] : segment.toArray(JAVA_BYTE);
  }

  private static float[] weights() {
    SplittableRandom random = new SplittableRandom(61);
    float[] w = new float[ROWS * COLS];
    for (int i = 0; i < w.length; i++) {
      w[i] =
          Float.intBitsToFloat(
              Float.floatToRawIntBits((float) (.05 * random.nextGaussian())) & 0xffff_0000);
    }
    java.util.Arrays.fill(w, 3 * COLS, 3 * COLS + 128, 0);
    w[5] = 2;
    return w;
  }
}
