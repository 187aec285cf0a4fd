package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Profile;
import java.lang.reflect.Proxy;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GridKernelTest {
  private static final TestGrid GRID = new TestGrid();
  private static final int N = 4096;

  private final float[] values = new float[N];
  private final float[] scales = new float[N];
  private final float[] zeros = new float[N];

  {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < N; i++) {
      scales[i] = (float) Math.exp(3 * random.nextGaussian());
      // A quarter of the numbers lie exactly on ties and grid points.
      values[i] =
          i % 4 == 0
              ? scales[i] * (random.nextInt(60) - 30) / 4f
              : (float) (scales[i] * 4 * random.nextGaussian());
    }
  }

  @Test
  void theVectorKernelGivesTheBitsOfTheScalarOne() {
    float[] q = new float[N];
    float[] expected = new float[N];
    int[] codes = new int[N];
    int[] expectedCodes = new int[N];
    GridKernels.of(GRID).round(values, 0, scales, zeros, 0, N, q, codes);
    new ScalarGrid(GRID).round(values, 0, scales, zeros, 0, N, expected, expectedCodes);
    assertThat(codes).isEqualTo(expectedCodes);
    for (int i = 0; i < N; i++) {
      assertThat(q[i] == expected[i]).as("%s / %s", values[i], scales[i]).isTrue();
    }
  }

  @Test
  void theVectorKernelFindsTheScalarLosses() {
    float[] loss = new float[N / 16];
    float[] expected = new float[N / 16];
    GridKernels.of(GRID).loss(values, 16, N / 16, scales, zeros, loss);
    new ScalarGrid(GRID).loss(values, 16, N / 16, scales, zeros, expected);
    assertThat(loss).isEqualTo(expected);
  }

  @Test
  void e2m1SchemesGetTheVectorKernel() {
    assertThat(GridKernels.of(GRID)).isInstanceOf(E2m1Grid.class);
  }

  @Test
  void aSchemeThatRoundsOneTieDifferentlyIsNotE2m1() {
    GroupScheme tiesTowardsZero =
        (GroupScheme)
            Proxy.newProxyInstance(
                GroupScheme.class.getClassLoader(),
                new Class<?>[] {GroupScheme.class, Profile.class},
                (proxy, method, args) ->
                    method.getName().equals("nearest") && Math.abs((float) args[0]) == .75f
                        ? 1
                        : method.invoke(GRID, args));
    assertThat(GridKernels.of(tiesTowardsZero)).isInstanceOf(ScalarGrid.class);
  }
}
