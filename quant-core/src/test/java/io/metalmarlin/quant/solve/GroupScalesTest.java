package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GroupScalesTest {
  private static final TestGrid GRID = new TestGrid();
  private static final int ROWS = 4096;
  private static final SolveOptions MSE = Layer.options(ScaleRule.MSE, 0, ColumnOrder.NATURAL);

  private final float[] group = new float[16 * ROWS];
  private final TensorScale tensorScale;

  {
    SplittableRandom random = new SplittableRandom(2);
    float largest = 0;
    for (int i = 0; i < group.length; i++) {
      // Rows from Gaussian to heavy-tailed, three orders of magnitude apart.
      double g = random.nextGaussian();
      int row = i % ROWS;
      group[i] = (float) (Math.pow(10, row % 4 - 3) * (row % 3 == 0 ? g * g * g : g));
      largest = Math.max(largest, Math.abs(group[i]));
    }
    tensorScale = GRID.searchScale(largest);
  }

  @Test
  void theWindowFindsTheBestOfAllScaleCodes() {
    int[] chosen = choose(GridKernels.of(GRID));
    int outside = 0;
    for (int row = 0; row < ROWS; row++) {
      double best = Double.POSITIVE_INFINITY;
      for (int code = 1; code <= 126; code++) {
        best = Math.min(best, loss(row, code));
      }
      double found = loss(row, chosen[row]);
      // Codes below 8 are subnormal: their steps are coarse and the window covers less.
      if (chosen[row] >= 8) {
        assertThat(found).isLessThanOrEqualTo(best * (1 + 1e-5));
      } else if (found > best * (1 + 1e-5)) {
        outside++;
      }
    }
    assertThat(outside).as("subnormal scales whose optimum lies outside").isLessThanOrEqualTo(4);
  }

  @Test
  void theVectorKernelChoosesTheScalarCodes() {
    assertThat(choose(GridKernels.of(GRID))).isEqualTo(choose(new ScalarGrid(GRID)));
  }

  @Test
  void theSearchNeverLosesToAbsmax() {
    int[] chosen = choose(GridKernels.of(GRID));
    for (int row = 0; row < ROWS; row++) {
      float absMax = 0;
      for (int c = 0; c < 16; c++) {
        absMax = Math.max(absMax, Math.abs(group[c * ROWS + row]));
      }
      double plain = loss(row, GRID.groupScale(absMax, tensorScale, MSE.source()));
      assertThat(loss(row, chosen[row])).isLessThanOrEqualTo(plain * (1 + 1e-5));
    }
  }

  @Test
  void aGroupOfZerosTakesTheProducersCode() {
    Fits fits = new Fits(16);
    rule(GridKernels.of(GRID))
        .choose(new float[16 * 16], 16, 16, fits, 0, new GroupScales.Scratch(16));
    assertThat(fits.scaleCodes).containsOnly(GRID.emptyGroupScale());
  }

  @Test
  void aGroupTooSmallForTheTensorScaleStillGetsAScale() {
    float[] tiny = new float[16 * 16];
    tiny[3] = 1e-20f;
    Fits fits = new Fits(16);
    rule(GridKernels.of(GRID)).choose(tiny, 16, 16, fits, 0, new GroupScales.Scratch(16));
    assertThat(fits.scaleCodes[3]).isEqualTo(1);
  }

  @Test
  void theTensorScaleComesFromTheWholeSet() {
    SolveOptions absMax = Layer.options(ScaleRule.ABSMAX, 0, ColumnOrder.NATURAL);
    assertThat(TensorScales.of(GRID, 2.5f, absMax))
        .isEqualTo(GRID.tensorScale(2.5f, absMax.source()));
    assertThat(TensorScales.of(GRID, 2.5f, MSE)).isEqualTo(GRID.searchScale(2.5f));
    assertThat(TensorScales.absMax(MemorySegment.ofArray(new float[] {1, -3, 2}), 3))
        .isCloseTo(3, within(0f));
  }

  private GroupScales rule(GridKernel kernel) {
    return GroupScales.of(GRID, kernel, MSE, tensorScale);
  }

  private int[] choose(GridKernel kernel) {
    Fits fits = new Fits(ROWS);
    rule(kernel).choose(group, 16, ROWS, fits, 0, new GroupScales.Scratch(ROWS));
    return fits.scaleCodes;
  }

  private double loss(int row, int code) {
    float s = tensorScale.effective(GRID.scaleValue(code));
    double sum = 0;
    for (int c = 0; c < 16; c++) {
      float w = group[c * ROWS + row];
      double r = w - (double) s * GRID.value(GRID.nearest(w / s));
      sum += r * r;
    }
    return sum;
  }
}
